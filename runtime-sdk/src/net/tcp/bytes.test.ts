import { describe, expect, it, vi } from "vitest";
import { FLAG } from "../packet/tcp-segment.ts";
import { RECEIVE_BYTES } from "./receiver.ts";
import { letters, OFFLOAD, opened, TestNetwork } from "./test-network.ts";

const { ACK, PSH } = FLAG;

describe("bytes", () => {
  it("go both ways, and each side learns what was taken", () => {
    const network = opened();
    network.send(PSH | ACK, "question");
    expect(network.take()).toEqual(["ACK 1 ack 9"]);
    network.write("answer");
    expect(network.peer.text).toBe("question");
    const [answer] = network.received;
    expect(network.take()).toEqual(['PSH+ACK 1 ack 9 "answer"']);
    if (answer) network.acknowledge(answer);
    expect(network.peer.takenBytes).toBe(6);
    network.pass(5000);
    expect(network.take()).toEqual([]);
  });

  it("are cut to the guest's segments, or left to its card", () => {
    const network = opened({ mss: 1000 });
    network.write(letters(2500));
    expect(network.received.splice(0).map(({ payload }) => payload.byteLength)).toEqual([1000, 1000, 500]);
    const offloaded = new TestNetwork();
    offloaded.offload = OFFLOAD;
    offloaded.open({ mss: 1000, windowScale: 3 });
    offloaded.send(ACK);
    offloaded.write(letters(100_000));
    expect(offloaded.received.splice(0).map(({ payload }) => payload.byteLength)).toEqual([65495, 34505]);
  });

  it("wait for the guest's window, and are sent when it opens", () => {
    const network = opened({ window: 1500, mss: 1000 });
    network.write(letters(4000));
    // 500 more would fit, and are not worth a segment.
    expect(network.received.map(({ payload }) => payload.byteLength)).toEqual([1000]);
    const [first] = network.received.splice(0);
    if (first) network.acknowledge(first, { window: 3000 });
    expect(network.received.splice(0).map(({ payload }) => payload.byteLength)).toEqual([1000, 1000, 1000]);
  });

  it("go by the newest window, not by one of a segment that comes late", () => {
    const network = opened({ window: 0 });
    network.send(PSH | ACK, "new", { window: 0 });
    network.send(ACK, "", { sequence: 1000, window: 5000 });
    network.take();
    network.write("held back");
    expect(network.take()).toEqual([]);
  });

  it("wait for room in the guest's card", () => {
    const network = opened();
    network.room = false;
    network.write(letters(3000));
    expect(network.take()).toEqual([]);
    network.room = true;
    network.connections.flush();
    expect(network.received.map(({ payload }) => payload.byteLength)).toEqual([1460, 1460, 80]);
  });

  it("that nobody takes close our window, and it opens when they are taken", () => {
    const network = opened({ windowScale: 7 });
    network.peer.room = 0;
    let sent = 0;
    for (let window = 1; window > 0; ) {
      network.send(PSH | ACK, letters(1460, sent));
      sent += 1460;
      window = network.received.splice(0).at(-1)?.window ?? -1;
    }
    expect(sent).toBeGreaterThanOrEqual(RECEIVE_BYTES);
    expect(sent).toBeLessThan(RECEIVE_BYTES + 2 * 1460);
    network.peer.room = 2 ** 20;
    network.connection.resume();
    network.connections.flush();
    const [update] = network.received.splice(0);
    expect((update?.window ?? 0) << 4).toBeGreaterThan(RECEIVE_BYTES - 16);
    expect(network.peer.bytes.slice(0, 30)).toEqual(letters(30));
    // The last segment did not fit as a whole: its rest comes again.
    const taken = network.peer.bytes.byteLength;
    network.send(PSH | ACK, letters(100, taken), { sequence: 1001 + taken });
    expect(network.peer.bytes).toEqual(letters(taken + 100));
  });

  it("outside of the window are answered and not taken", () => {
    const network = opened();
    network.send(PSH | ACK, "far", { sequence: 1001 + 70_000 });
    network.send(PSH | ACK, "old", { sequence: 900 });
    expect(network.take()).toEqual(["ACK 1 ack 1", "ACK 1 ack 1"]);
    expect(network.peer.text).toBe("");
  });
  it("that are taken a little at a time open our window all the same", () => {
    const network = opened({ windowScale: 7 });
    network.peer.room = 0;
    for (let window = 1, sent = 0; window > 0; sent += 1460) {
      network.send(PSH | ACK, letters(1460, sent));
      window = network.received.splice(0).at(-1)?.window ?? -1;
    }
    for (let i = 0; i < 100; i++) {
      network.peer.room = 1460;
      network.connection.resume();
      network.connections.flush();
    }
    const windows = network.received.map(({ window }) => window << 4);
    // Each time that a quarter is free.
    expect(windows.length).toBe(2);
    expect(windows[0]).toBeGreaterThanOrEqual(RECEIVE_BYTES / 4);
  });

  it("that come before their turn are kept up to a limit, however they overlap", () => {
    const network = opened({ windowScale: 7 });
    const large = letters(60_000);
    for (let i = 0; i < 40; i++) network.send(PSH | ACK, large, { sequence: 1100 + i });
    network.take();
    network.send(PSH | ACK, letters(99), { sequence: 1001 });
    expect(network.take()).toEqual([`ACK 1 ack ${1 + 99 + 60_000 + 7}`]);
  });
});

it("numbers go round", () => {
  vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => {
    (array as unknown as Uint32Array)[0] = 2 ** 32 - 3;
    return array;
  });
  const network = new TestNetwork();
  network.sequence = 2 ** 32 - 3;
  network.open({ mss: 100 });
  network.write(letters(300));
  const sent = network.received.splice(0);
  expect(sent.map(({ sequence }) => sequence)).toEqual([2 ** 32 - 2, 98, 198]);
  network.send(PSH | ACK, "later", { sequence: 3 });
  network.send(PSH | ACK, "first", { sequence: 2 ** 32 - 2 });
  expect(network.received.at(-1)?.acknowledgment).toBe(8);
  expect(network.peer.text).toBe("firstlater");
  for (let i = 0; i < 3; i++) network.send(ACK, "", { sequence: 8, acknowledgment: 2 ** 32 - 2 });
  expect(network.received.at(-1)?.sequence).toBe(2 ** 32 - 2);
  network.send(ACK, "", { sequence: 8, acknowledgment: 298 });
  expect(network.peer.takenBytes).toBe(300);
  vi.restoreAllMocks();
});
