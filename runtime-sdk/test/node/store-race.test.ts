import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { localStore } from "warmboot";

const program = fileURLToPath(new URL("../support/store-race-program.mjs", import.meta.url));
const PROCESSES = 4;
const ROUNDS = 60;

it("processes that take a machine over and write at once: each change follows the one before, none is lost and none is mixed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "warmboot-race-"));
  const children: ChildProcess[] = [];
  try {
    for (let i = 0; i < PROCESSES; i++) children.push(fork(program, [folder, String(ROUNDS)]));
    for (const child of children) await once(child, "message");
    const results = children.map((child) => once(child, "message"));
    for (const child of children) child.send("go");
    const written = (await Promise.all(results)).flatMap(([mine]) => mine as number[]).sort((a, b) => a - b);
    const store = localStore(folder);
    const head = await store.head("a");
    const [count] = JSON.parse(new TextDecoder().decode(head as Uint8Array));
    expect(count).toBeGreaterThan(ROUNDS);
    expect(written).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    // The record is of the one who wrote the head.
    expect(await store.read("a", `memory-${count}`)).toEqual(head);
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
});
