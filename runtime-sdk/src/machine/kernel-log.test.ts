import { expect, it } from "vitest";
import { KernelLog } from "./kernel-log.ts";

function watch(pieces: string[]) {
  const panics: string[] = [];
  const log = new KernelLog((reason) => panics.push(reason));
  for (const piece of pieces) log.push(piece);
  return { panics, log };
}

it("notices a panic whichever way the text arrives", () => {
  const text = "[    1.234567] Kernel panic - not syncing: sysrq triggered crash\r\n";
  expect(watch([text]).panics).toEqual(["sysrq triggered crash"]);
  expect(watch([...text]).panics).toEqual(["sysrq triggered crash"]);
});

it("takes a panic with a caller's number in the stamp", () => {
  expect(watch(["[    1.234567][    T1] Kernel panic - not syncing: VFS\n"]).panics).toEqual(["VFS"]);
});

it("takes a panic of a kernel without time stamps", () => {
  expect(watch(["Kernel panic - not syncing: VFS: no root\n"]).panics).toEqual(["VFS: no root"]);
});

it("is not fooled by the words inside a line", () => {
  expect(
    watch(["# echo Kernel panic - not syncing: me\n", "---[ end Kernel panic - not syncing: x ]---\n"]).panics,
  ).toEqual([]);
});

it("keeps the last lines and the one being written, in bounds", () => {
  const { log } = watch([...Array.from({ length: 500 }, (_, i) => `line ${i}\n`), "half"]);
  expect(log.lines.length).toBe(201);
  expect(log.lines[0]).toBe("line 300");
  expect(log.lines.at(-1)).toBe("half");
  log.push("x".repeat(100_000));
  expect(log.lines.at(-1)?.length).toBe(4096);
});
