import { describe, expect, it } from "vitest";
import { ProcessEndedError } from "../errors/index.ts";
import { OutputStream } from "./output-stream.ts";
import { StdinStream } from "./stdin-stream.ts";
import { FRAME } from "./wire.gen.ts";

interface Sent {
  readonly type: number;
  readonly payload: Uint8Array;
}

function recorder() {
  const sent: Sent[] = [];
  return { sent, send: (type: number, payload: Uint8Array) => sent.push({ type, payload: payload.slice() }) };
}

const credits = (sent: Sent[]) =>
  sent
    .filter((frame) => frame.type === FRAME.CREDIT)
    .reduce((sum, frame) => sum + new DataView(frame.payload.buffer).getUint32(4, true), 0);

describe("OutputStream", () => {
  it("gives no credit back while nobody reads", async () => {
    const { sent, send } = recorder();
    const stream = new OutputStream(send, 1, 1000);
    stream.push(new Uint8Array(1000));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(credits(sent)).toBe(0);
  });

  it("gives back what the reader has taken, never more than came", async () => {
    const { sent, send } = recorder();
    const stream = new OutputStream(send, 1, 1000);
    const reader = stream.readable.getReader();
    let pushed = 0;
    for (let round = 0; round < 50; round++) {
      stream.push(new Uint8Array(500));
      pushed += 500;
      await reader.read();
      await Promise.resolve();
      expect(credits(sent)).toBeLessThanOrEqual(pushed);
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(credits(sent)).toBeGreaterThan(pushed - 1000);
  });

  it("keeps the process going after its output was cancelled", async () => {
    const { sent, send } = recorder();
    const stream = new OutputStream(send, 1, 1000);
    stream.push(new Uint8Array(800));
    await stream.readable.cancel();
    stream.push(new Uint8Array(250));
    expect(credits(sent)).toBe(1050);
  });

  it("hands over everything that came before the end", async () => {
    const { send } = recorder();
    const stream = new OutputStream(send, 1, 1000);
    stream.push(Uint8Array.of(1, 2));
    stream.push(Uint8Array.of(3));
    stream.end();
    const got: number[] = [];
    for await (const piece of stream.readable as unknown as AsyncIterable<Uint8Array>) got.push(...piece);
    expect(got).toEqual([1, 2, 3]);
  });
});

describe("StdinStream", () => {
  it("sends only within the window, in order", async () => {
    const { sent, send } = recorder();
    const stdin = new StdinStream(send);
    const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);
    const writer = stdin.writable.getWriter();
    const writing = writer.write(bytes);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(sent.length).toBe(0);
    for (const grant of [1, 4999, 5000]) {
      stdin.grant(grant);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await writing;
    expect(sent.map((frame) => frame.payload.length)).toEqual([1, 4999, 5000]);
    expect(Uint8Array.from(sent.flatMap((frame) => [...frame.payload]))).toEqual(bytes);
    await writer.close();
    expect(sent.at(-1)?.type).toBe(FRAME.STDIN_EOF);
  });

  it("sends nothing while it is held, whatever the guest can take", async () => {
    const { sent, send } = recorder();
    const stdin = new StdinStream(send);
    stdin.hold();
    stdin.grant(100);
    const writing = stdin.writable.getWriter().write(new Uint8Array(2));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(sent).toEqual([]);
    stdin.release();
    await writing;
    expect(sent.map((frame) => frame.payload.length)).toEqual([2]);
  });

  it("fails a write that waits when the process ends", async () => {
    const { send } = recorder();
    const stdin = new StdinStream(send);
    const writing = stdin.writable.getWriter().write(new Uint8Array(1));
    stdin.fail(new ProcessEndedError());
    await expect(writing).rejects.toBeInstanceOf(ProcessEndedError);
  });
});
