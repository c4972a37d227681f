import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Opened } from "warmboot";
import { imageUrl } from "../support/machine.ts";

const program = fileURLToPath(new URL("../support/saving-program.mjs", import.meta.url));
const CYCLES = Number(process.env["WARMBOOT_KILLS"] ?? 5);

type Message = { opened: Opened; found: number[] } | { saving: number } | { saved: number };

/** Messages of a program, one after the other; null: there is none any more. */
function messagesOf(child: ChildProcess): () => Promise<Message | null> {
  const come: Message[] = [];
  let wake = () => {};
  let ended = false;
  child.on("message", (message: Message) => {
    come.push(message);
    wake();
  });
  // WHY not "exit": messages may still be in the pipe then.
  child.on("disconnect", () => {
    ended = true;
    wake();
  });
  return async () => {
    for (;;) {
      const next = come.shift();
      if (next) return next;
      if (ended) return null;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

it(
  "a program killed in the middle of saves: the machine comes back warm, whole, and with what was saved last",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "warmboot-kill-"));
    let saved = 0;
    let saving = 0;
    for (let cycle = 0; cycle <= CYCLES; cycle++) {
      const child = fork(program, [imageUrl(), folder]);
      try {
        const next = messagesOf(child);
        const first = await next();
        if (!first || !("opened" in first)) throw new Error("it began with something else");
        expect(first.opened).toMatchObject({ how: cycle === 0 ? "new" : "warm" });
        expect(first.opened).not.toHaveProperty("reason");
        if (cycle > 0) {
          const [disk, memory, errors] = first.found;
          expect(errors).toBe(0);
          // A pair of one instant: what is on the disk is what is in memory.
          expect(memory).toBe(disk);
          expect(disk).toBeGreaterThanOrEqual(saved);
          expect(disk).toBeLessThanOrEqual(saving);
        }
        const follow = (message: Message | null) => {
          if (!message) return false;
          if ("saving" in message) saving = message.saving;
          if ("saved" in message) saved = message.saved;
          return true;
        };
        const until = first.found[0] ? first.found[0] + 3 : 3;
        while (saving < until) if (!follow(await next())) throw new Error("the program ended by itself");
        // Somewhere within the save or after it: no two cycles strike at the same place.
        await new Promise((resolve) => setTimeout(resolve, (cycle * 137) % 700));
        child.kill("SIGKILL");
        while (follow(await next()));
      } finally {
        child.kill("SIGKILL");
      }
    }
    await rm(folder, { recursive: true, force: true });
  },
  120_000 * (CYCLES + 1),
);
