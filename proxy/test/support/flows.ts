import { createHash, randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { expect } from "vitest";
import type { TestStream } from "./client.ts";

const drained = (socket: Socket) =>
  new Promise<void>((resolve) => {
    const done = () => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });

/** Sends random bytes, then ends. */
export function source(bytes: number): { hash: () => string; sent: () => number; serve: (socket: Socket) => void } {
  const hash = createHash("sha256");
  let sent = 0;
  return {
    hash: () => hash.copy().digest("hex"),
    sent: () => sent,
    serve: async (socket) => {
      socket.resume();
      while (sent < bytes && !socket.destroyed) {
        const chunk = randomBytes(Math.min(65_536, bytes - sent));
        hash.update(chunk);
        sent += chunk.byteLength;
        if (!socket.write(chunk)) await drained(socket);
      }
      socket.end();
    },
  };
}

/** Reads everything and hashes it. */
export function hashing(stream: TestStream): () => string {
  const hash = createHash("sha256");
  stream.onData = (bytes) => hash.update(bytes);
  return () => hash.copy().digest("hex");
}

/** Waits until the value has not changed for a while, and gives it. */
export async function settled(value: () => number, everyMs = 300): Promise<number> {
  let before = Number.NaN;
  await expect
    .poll(
      () => {
        const now = value();
        const same = now === before;
        before = now;
        return same;
      },
      { interval: everyMs, timeout: 60_000 },
    )
    .toBe(true);
  return before;
}
