import { describe, expect, it } from "vitest";
import {
  CLOSE_REASON,
  decodeU32,
  EXTENSION,
  encodeClose,
  encodeContinue,
  encodeData,
  encodeInfo,
  encodeU32,
  VERSION,
} from "../wisp/index.ts";
import { readRelayAddress } from "./relay-address.ts";
import { TestSocket } from "./test-socket.ts";
import { WispConnection } from "./wisp-connection.ts";
import { FIRST_WINDOW, type StreamListener, type WispStream } from "./wisp-stream.ts";

const NOTHING = new Uint8Array(0);

class Stream implements StreamListener {
  readonly events: string[] = [];
  bytes = 0;
  stream: WispStream | null = null;
  connected = () => void this.events.push("connected");
  ended = () => void this.events.push("ended");
  closed = (reason: number) => void this.events.push(`closed ${reason}`);
  drained = () => void this.events.push("drained");
  data = (bytes: Uint8Array) => {
    this.bytes += bytes.byteLength;
  };
}

function connect(extensions: Map<number, Uint8Array> | null) {
  const socket = new TestSocket();
  const events: string[] = [];
  const connection = new WispConnection(() => socket, "wss://x/", true, {
    online: (abilities) => events.push(`online ${abilities.version}`),
    closed: (code, _reason, wasOnline) => events.push(`closed ${code} ${wasOnline}`),
    overrun: () => events.push("overrun"),
  });
  if (extensions) socket.receive(encodeInfo(VERSION, extensions));
  socket.receive(encodeContinue(0, 3));
  const open = (isTcp = true) => {
    const listener = new Stream();
    listener.stream = connection.open("a.example", 80, isTcp, listener);
    return listener;
  };
  return { socket, connection, events, open };
}

const OURS = new Map([
  [EXTENSION.STREAM_OPEN, NOTHING],
  [EXTENSION.BYTE_CREDIT, encodeU32(2 ** 20)],
  [EXTENSION.RESOLVER, NOTHING],
  [EXTENSION.HALF_CLOSE, NOTHING],
  [EXTENSION.MOTD, new TextEncoder().encode("hello")],
]);

describe("the handshake", () => {
  it("of version 1 is the first CONTINUE", () => {
    const { connection, events, socket } = connect(null);
    expect(events).toEqual(["online 1"]);
    expect(connection.abilities).toMatchObject({ udp: true, streamOpen: false, byteCredit: false });
    expect(socket.take()).toEqual([]);
  });

  it("of version 2 takes of what is offered all that is known", () => {
    const { connection, socket } = connect(OURS);
    expect(connection.abilities).toEqual({
      version: 2,
      udp: false,
      streamOpen: true,
      byteCredit: true,
      resolver: true,
      halfClose: true,
    });
    const [info] = socket.take();
    if (info?.type !== "info") throw new Error("no INFO");
    expect([...info.extensions.keys()].sort()).toEqual(
      [EXTENSION.STREAM_OPEN, EXTENSION.BYTE_CREDIT, EXTENSION.RESOLVER, EXTENSION.HALF_CLOSE].sort(),
    );
    expect(decodeU32(info.extensions.get(EXTENSION.BYTE_CREDIT))).toBe(FIRST_WINDOW);
  });

  it("ends for what is not a frame; types of others are passed over", () => {
    const { events, socket } = connect(null);
    socket.receive(Uint8Array.of(77, 0, 0, 0, 0));
    expect(events).toEqual(["online 1"]);
    socket.receive(Uint8Array.of(1, 2));
    expect(events).toEqual(["online 1", "closed 1002 true"]);
    const other = connect(null);
    other.socket.receive("text");
    expect(other.events).toEqual(["online 1", "closed 1003 true"]);
  });
});

describe("a stream", () => {
  it("sends as many packets as the relay takes", () => {
    const { socket, open } = connect(OURS);
    const { stream, events } = open();
    socket.take();
    for (let i = 0; i < 3; i++) {
      expect(stream?.room).toBeGreaterThan(0);
      stream?.write(Uint8Array.of(i));
    }
    expect(stream?.room).toBe(0);
    socket.receive(encodeContinue(1, 2));
    expect(events).toEqual(["connected", "drained"]);
    expect(stream?.room).toBeGreaterThan(0);
    expect(socket.take().length).toBe(3);
  });

  it("waits while the socket has too much to send", async () => {
    const { socket, open } = connect(OURS);
    const { stream, events } = open();
    socket.bufferedAmount = 2 ** 21;
    expect(stream?.room).toBe(0);
    socket.bufferedAmount = 0;
    while (!events.includes("drained")) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(stream?.room).toBeGreaterThan(0);
  });

  it("gives credit back for what was taken, and more when all of it is taken again and again", () => {
    const { socket, open } = connect(OURS);
    const listener = open();
    socket.take();
    let granted = FIRST_WINDOW;
    let received = 0;
    const step = FIRST_WINDOW / 4;
    for (let i = 0; i < 8; i++) {
      socket.receive(encodeData(1, new Uint8Array(step)));
      received += step;
      listener.stream?.taken(step);
      for (const frame of socket.take()) if (frame.type === "continue") granted += frame.amount;
    }
    expect(listener.bytes).toBe(received);
    expect(granted - received).toBeGreaterThan(FIRST_WINDOW);
    expect(granted - received).toBeLessThanOrEqual(4 * FIRST_WINDOW);
    // A little that is taken is not worth a frame.
    socket.receive(encodeData(1, new Uint8Array(100)));
    listener.stream?.taken(100);
    expect(socket.take()).toEqual([]);
    // Bytes that nobody takes bring nothing.
    socket.receive(encodeData(1, new Uint8Array(step)));
    expect(socket.take()).toEqual([]);
  });

  it("ends in each direction by itself where the relay knows how", () => {
    const { socket, open } = connect(OURS);
    const { stream, events } = open();
    socket.take();
    stream?.end();
    expect(socket.take()).toEqual([{ type: "data", stream: 1, bytes: NOTHING }]);
    expect(stream?.room).toBe(0);
    socket.receive(encodeData(1, Uint8Array.of(5)));
    socket.receive(encodeData(1, NOTHING));
    expect(events).toEqual(["connected", "ended"]);
    socket.receive(encodeClose(1, 2));
    expect(events).toEqual(["connected", "ended"]);
    const other = connect(null);
    const plain = other.open();
    other.socket.take();
    plain.stream?.end();
    expect(other.socket.take()).toEqual([{ type: "close", stream: 1, reason: CLOSE_REASON.VOLUNTARY }]);
    other.socket.receive(encodeData(1, Uint8Array.of(5)));
    expect(plain.bytes).toBe(1);
  });

  it("is told of its end, by the relay and with the relay", () => {
    const { socket, open, events: own } = connect(OURS);
    const [first, second] = [open(), open()];
    socket.receive(encodeClose(1, CLOSE_REASON.REFUSED));
    socket.receive(encodeData(1, Uint8Array.of(1)));
    expect([first.events, first.bytes]).toEqual([["closed 68"], 0]);
    socket.end(1006);
    expect(second.events).toEqual(["closed 3"]);
    expect(own).toEqual(["online 2", "closed 1006 true"]);
  });

  it("that nobody reads has the socket paused where the relay knows no credit", () => {
    const { socket, open } = connect(null);
    const { stream } = open();
    for (let i = 0; i < 65; i++) socket.receive(encodeData(1, new Uint8Array(65536)));
    expect(socket.isPaused).toBe(true);
    stream?.taken(40 * 65536);
    expect(socket.isPaused).toBe(false);
  });

  it("that nobody reads is given up where the socket cannot be paused either", () => {
    const { socket, events, open } = connect(null);
    Object.assign(socket, { pause: undefined });
    const [reading, stuck] = [open(), open()];
    socket.receive(encodeData(1, new Uint8Array(65536)));
    for (let i = 0; i < 1024; i++) socket.receive(encodeData(2, new Uint8Array(65536)));
    expect([reading.events, stuck.events, events]).toEqual([
      ["connected"],
      ["connected", "closed 129"],
      ["online 1", "overrun"],
    ]);
  });
});

describe("bytes that nobody took", () => {
  it("count no more when their stream is given up, and those of others do", () => {
    const { socket, open } = connect(null);
    const [first, second] = [open(), open()];
    for (let i = 0; i < 60; i++) socket.receive(encodeData(1, new Uint8Array(65536)));
    first.stream?.close(CLOSE_REASON.VOLUNTARY);
    // The guest takes what was on its way, which is nobody's business any more.
    first.stream?.taken(60 * 65536);
    for (let i = 0; i < 60; i++) socket.receive(encodeData(2, new Uint8Array(65536)));
    expect(socket.isPaused).toBe(false);
    for (let i = 0; i < 5; i++) socket.receive(encodeData(2, new Uint8Array(65536)));
    expect([socket.isPaused, second.events]).toEqual([true, ["connected"]]);
  });

  it("the relay's first bytes are not a permission to send more", () => {
    const { socket, open } = connect(null);
    const { stream, events } = open();
    for (let i = 0; i < 3; i++) stream?.write(Uint8Array.of(i));
    socket.receive(encodeData(1, Uint8Array.of(9)));
    expect([stream?.room, events]).toEqual([0, ["connected"]]);
  });
});

describe("a relay's address", () => {
  it.each([
    ["wisps://relay.example/", "wss://relay.example/", "https://relay.example/ticket"],
    ["wss://relay.example:8443", "wss://relay.example:8443/", "https://relay.example:8443/ticket"],
    ["wisp://localhost:7/", "ws://localhost:7/", "http://localhost:7/ticket"],
    ["ws://127.0.0.1:7/wisp/", "ws://127.0.0.1:7/wisp/", null],
    ["wisps://relay.example/wisp/abc/", "wss://relay.example/wisp/abc/", null],
  ])("%s", (text, socketUrl, ticketUrl) => {
    expect(readRelayAddress(text, false)).toEqual({ socketUrl, ticketUrl });
  });

  it.each([
    "https://x/",
    "x",
    "wisp://relay.example/",
    "wisps://x/path",
    "wisps://u:p@x/",
    "wisps://x/#a",
    "wisps://",
    "ws://127.0.0.1.evil.example/",
  ])("%s is none", (text) => {
    expect(() => readRelayAddress(text, false)).toThrow();
  });

  it("without TLS is taken when that is allowed", () => {
    expect(readRelayAddress("wisp://relay.example/", true).socketUrl).toBe("ws://relay.example/");
  });
});
