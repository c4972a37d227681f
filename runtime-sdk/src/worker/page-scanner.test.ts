import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { PAGE_SIZE } from "../snapshot/index.ts";
import { PageCopyScanner, PageScanner } from "./page-scanner.ts";

const PAGES = 32;

function filled(): { bytes: Uint8Array; scanner: PageScanner; memory: WebAssembly.Memory } {
  const memory = new WebAssembly.Memory({ initial: (PAGES * PAGE_SIZE) / 65536 });
  return { memory, bytes: new Uint8Array(memory.buffer), scanner: new PageScanner(memory) };
}

it("the module is what its source gives", () => {
  const script = fileURLToPath(new URL("../../scripts/generate-page-hash.mjs", import.meta.url));
  execFileSync(process.execPath, [script, "--check"]);
});

it("finds a page that is not zero by any of its bytes", () => {
  const { bytes, scanner } = filled();
  const end = PAGES * PAGE_SIZE;
  expect(scanner.used(0, end)).toBe(end);
  for (let at = 5 * PAGE_SIZE; at < 6 * PAGE_SIZE; at++) {
    bytes[at] = 0x80;
    expect(scanner.used(0, end)).toBe(5 * PAGE_SIZE);
    expect(scanner.used(6 * PAGE_SIZE, end)).toBe(end);
    expect(scanner.used(0, 5 * PAGE_SIZE)).toBe(5 * PAGE_SIZE);
    bytes[at] = 0;
  }
});

it("tells every change of a bit, and pages whose words were swapped", () => {
  const { bytes, scanner } = filled();
  for (let i = 0; i < PAGE_SIZE; i++) bytes[i] = Math.imul(i, 2654435761) >>> 24;
  const seen = new Set([scanner.hash(0).join()]);
  for (let bit = 0; bit < PAGE_SIZE * 8; bit++) {
    const at = bit >> 3;
    bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
    seen.add(scanner.hash(0).join());
    bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
  }
  const words = new BigUint64Array(bytes.buffer, 0, PAGE_SIZE / 8);
  for (let i = 1; i < words.length; i++) {
    const swap = () => ([words[0], words[i]] = [words[i] as bigint, words[0] as bigint]);
    swap();
    seen.add(scanner.hash(0).join());
    swap();
  }
  const others = words.filter((word) => word !== words[0]).length;
  expect(others).toBeGreaterThan(500);
  expect(seen.size).toBe(1 + PAGE_SIZE * 8 + others);
});

it("follows a memory that grows, and gives the same for a page that is elsewhere", () => {
  const { memory, scanner } = filled();
  memory.grow(1);
  const bytes = new Uint8Array(memory.buffer);
  const at = PAGES * PAGE_SIZE;
  bytes[at + 7] = 1;
  expect(scanner.used(0, bytes.length)).toBe(at);
  const copies = new PageCopyScanner();
  expect(copies.hash(bytes.subarray(at, at + PAGE_SIZE))).toEqual(scanner.hash(at));
  expect(copies.hash(bytes.subarray(0, PAGE_SIZE))).toBe(null);
});
