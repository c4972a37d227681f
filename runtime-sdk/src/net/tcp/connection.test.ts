import { describe, expect, it } from "vitest";
import { FLAG } from "../packet/tcp-segment.ts";
import { RECEIVE_BYTES } from "./connection.ts";
import { OFFLOAD, REMOTE, TestNetwork } from "./test-network.ts";

const { ACK, FIN, PSH, RST, SYN } = FLAG;
const letters = (count: number, from = 0) => Uint8Array.from({ length: count }, (_, i) => 97 + ((from + i) % 26));

function opened(options = {}): TestNetwork {
  const network = new TestNetwork();
  network.open(options);
  return network;
}

describe("opening", () => {
  it("waits until the other side is connected", () => {
    const network = new TestNetwork("later");
    network.send(SYN, "", { mss: 1400, windowScale: 7 });
    network.pass(5000);
    expect(network.take()).toEqual([]);
    network.connection.accept();
    expect(network.received[0]).toMatchObject({ mss: 1460, windowScale: 4, window: 0xffff });
    expect(network.take()).toEqual(["SYN+ACK 0 ack 1"]);
    expect(network.peer.events).toEqual([]);
  });

  it("takes a SYN that comes again for the same one, and answers again what was not heard", () => {
    const network = new TestNetwork("later");
    network.send(SYN, "", { sequence: 1000 });
    network.send(SYN, "", { sequence: 1000 });
    network.connection.accept();
    network.take();
    network.pass(1100);
    expect(network.take()).toEqual(["SYN+ACK 0 ack 1"]);
  });

  it("is refused by a reset", () => {
    const network = new TestNetwork("never");
    network.send(SYN);
    expect(network.take()).toEqual([`RST+ACK ${network.received.length} ack 1`]);
    const later = new TestNetwork("later");
    later.send(SYN);
    later.connection.reset();
    expect(later.take()).toEqual(["RST+ACK 0 ack 1"]);
    expect(later.connections.size).toBe(1);
    later.pass(100);
    expect(later.connections.size).toBe(0);
  });

  it("can be left unanswered, and is forgotten then", () => {
    const network = new TestNetwork("later");
    network.send(SYN);
    network.connection.ignore();
    network.pass(129_000);
    expect(network.connections.size).toBe(1);
    network.pass(2000);
    expect([network.take(), network.connections.size]).toEqual([[], 0]);
  });

  it("is given up by the guest", () => {
    const network = new TestNetwork("later");
    network.send(SYN);
    network.send(RST);
    expect(network.peer.events).toEqual(["aborted: reset"]);
    expect(network.take()).toEqual([]);
  });

  it("from our side: SYN, answer, bytes", () => {
    const network = new TestNetwork();
    network.connections.connect(0x0a00020f, REMOTE, 8080, network.peer);
    const [syn] = network.received.splice(0);
    expect(syn).toMatchObject({ flags: SYN, destinationPort: 8080, windowScale: 4 });
    const ports = { sourcePort: 8080, destinationPort: syn?.sourcePort as number };
    network.acknowledged = ((syn?.sequence as number) + 1) >>> 0;
    network.send(SYN | ACK, "", { ...ports, windowScale: 7 });
    expect(network.peer.events).toEqual(["opened"]);
    network.send(PSH | ACK, "hello", ports);
    expect(network.peer.text).toBe("hello");
  });

  it("from our side is refused by the guest, or not answered", () => {
    const network = new TestNetwork();
    network.connections.connect(0x0a00020f, REMOTE, 8080, network.peer);
    const [syn] = network.received.splice(0);
    const ports = { sourcePort: 8080, destinationPort: syn?.sourcePort as number };
    network.send(RST | ACK, "", { ...ports, acknowledgment: 7 });
    expect(network.peer.events).toEqual([]);
    network.send(RST | ACK, "", { ...ports, acknowledgment: ((syn?.sequence as number) + 1) >>> 0 });
    expect(network.peer.events).toEqual(["aborted: refused"]);
    const silent = new TestNetwork();
    silent.connections.connect(0x0a00020f, REMOTE, 8080, silent.peer);
    silent.pass(600_000);
    expect(silent.peer.events).toEqual(["aborted: timed-out"]);
    expect(silent.connections.size).toBe(0);
  });
});

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
    expect(network.connection.unread).toBeLessThanOrEqual(RECEIVE_BYTES);
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
});

describe("loss", () => {
  it("of one segment is repaired when the guest says three times that it misses it", () => {
    const network = opened({ mss: 100 });
    network.write(letters(500));
    const sent = network.received.splice(0);
    if (sent[0]) network.acknowledge(sent[0]);
    for (let i = 0; i < 2; i++) network.send(ACK);
    expect(network.take()).toEqual([]);
    network.send(ACK);
    expect(network.received.map(({ sequence }) => sequence)).toEqual([sent[1]?.sequence]);
    network.received.length = 0;
    // More of the same says nothing new.
    for (let i = 0; i < 5; i++) network.send(ACK);
    expect(network.take()).toEqual([]);
    if (sent[4]) network.acknowledge(sent[4]);
    expect(network.peer.takenBytes).toBe(500);
  });

  it("of two segments: the second is sent again when the first has been heard", () => {
    const network = opened({ mss: 100 });
    network.write(letters(500));
    const sent = network.received.splice(0);
    for (let i = 0; i < 3; i++) network.send(ACK);
    expect(network.received.splice(0).map(({ sequence }) => sequence)).toEqual([sent[0]?.sequence]);
    if (sent[1]) network.acknowledge(sent[1]);
    expect(network.received.splice(0).map(({ sequence }) => sequence)).toEqual([sent[2]?.sequence]);
  });

  it("of everything is repaired by the clock, more slowly each time, and given up in the end", () => {
    const network = opened({ mss: 100 });
    network.write(letters(300));
    network.received.length = 0;
    const at: number[] = [];
    while (network.connections.size > 0 && network.now < 1e6) {
      network.pass(100);
      if (network.received.splice(0).some(({ payload }) => payload.byteLength > 0)) at.push(network.now);
    }
    const pauses = at.slice(1).map((time, i) => time - (at[i] as number));
    expect(pauses.length).toBe(8);
    for (const [i, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(pauses[i - 1] ?? 0);
    expect(network.peer.events).toEqual(["aborted: reset"]);
  });

  it("after it everything is sent again that the guest has not got", () => {
    const network = opened({ mss: 100 });
    network.write(letters(300));
    const sent = network.received.splice(0);
    network.pass(2000);
    expect(network.received.splice(0)[0]?.sequence).toBe(sent[0]?.sequence);
    if (sent[0]) network.acknowledge(sent[0]);
    expect(network.received.splice(0).map(({ sequence }) => sequence)).toEqual([sent[1]?.sequence, sent[2]?.sequence]);
  });

  it("and segments out of order: the guest is told at once, and nothing is taken twice", () => {
    const network = opened();
    network.send(PSH | ACK, "cc", { sequence: 1005 });
    network.send(PSH | ACK, "bb", { sequence: 1003 });
    network.send(PSH | ACK, "bb", { sequence: 1003 });
    expect(network.take()).toEqual(["ACK 1 ack 1", "ACK 1 ack 1", "ACK 1 ack 1"]);
    network.send(PSH | ACK, "aab", { sequence: 1001 });
    expect(network.take()).toEqual(["ACK 1 ack 7"]);
    expect(network.peer.text).toBe("aabbcc");
  });
});

describe("a window of zero", () => {
  it("is asked for, for as long as the guest answers", () => {
    const network = opened({ window: 0 });
    network.write("waiting");
    expect(network.take()).toEqual([]);
    let probes = 0;
    for (let i = 0; i < 40; i++) {
      network.pass(61_000);
      for (const probe of network.received.splice(0)) {
        expect(probe.payload.byteLength).toBe(1);
        probes++;
        network.send(ACK, "", { window: 0 });
      }
    }
    expect(probes).toBeGreaterThan(30);
    network.send(ACK, "", { window: 100 });
    expect(network.take()).toEqual(['PSH+ACK 1 ack 1 "waiting"']);
  });

  it("that opens is used at once", () => {
    const network = opened({ window: 0 });
    network.write("waiting");
    network.send(ACK, "", { window: 3 });
    network.pass(2000);
    expect(network.take().at(-1)).toBe('PSH+ACK 1 ack 1 "wai"');
  });
});

describe("ending", () => {
  it("by the guest first: the other side may still send", () => {
    const network = opened();
    network.send(FIN | ACK, "last words");
    expect(network.peer.events).toEqual(["end"]);
    expect(network.peer.text).toBe("last words");
    expect(network.take()).toEqual(["ACK 1 ack 12"]);
    network.write("reply");
    network.connection.end(false);
    network.connections.flush();
    const sent = network.received.splice(0);
    expect(sent.map((segment) => network.describe(segment))).toEqual(['PSH+ACK 1 ack 12 "reply"', "FIN+ACK 6 ack 12"]);
    if (sent[1]) network.acknowledge(sent[1]);
    expect(network.peer.events).toEqual(["end", "finished"]);
    network.pass(100);
    expect(network.connections.size).toBe(0);
  });

  it("by the other side first: the guest may still send", () => {
    const network = opened();
    network.write("all");
    network.connection.end(false);
    network.connections.flush();
    const sent = network.received.splice(0);
    expect(sent.map((segment) => network.describe(segment))).toEqual(['PSH+ACK 1 ack 1 "all"', "FIN+ACK 4 ack 1"]);
    if (sent[1]) network.acknowledge(sent[1]);
    network.send(PSH | ACK, "more");
    network.send(FIN | ACK);
    expect(network.peer.text).toBe("more");
    expect(network.peer.events).toEqual(["end", "finished"]);
    expect(network.connection.state).toBe("time-wait");
    network.send(FIN | ACK, "", { sequence: network.sequence - 1 });
    expect(network.take().at(-1)).toBe("ACK 5 ack 6");
    network.pass(11_000);
    expect(network.connections.size).toBe(0);
  });

  it("by both at once", () => {
    const network = opened();
    network.connection.end(false);
    network.connections.flush();
    network.send(FIN | ACK);
    expect(network.connection.state).toBe("closing");
    network.acknowledged++;
    network.send(ACK);
    expect(network.connection.state).toBe("time-wait");
  });

  it("is told to the other side when it has taken what is before it", () => {
    const network = opened();
    network.peer.room = 0;
    network.send(FIN | ACK, "late");
    expect(network.peer.events).toEqual([]);
    network.peer.room = 100;
    network.connection.resume();
    expect([network.peer.text, network.peer.events]).toEqual(["late", ["end"]]);
  });

  it("is sent again when it was lost", () => {
    const network = opened();
    network.connection.end(false);
    network.connections.flush();
    network.take();
    network.pass(2000);
    expect(network.take()[0]).toBe("FIN+ACK 1 ack 1");
  });

  it("when the other side is gone altogether: the guest's bytes are answered by a reset", () => {
    const network = opened();
    network.connection.end(true);
    network.connections.flush();
    network.take();
    network.send(PSH | ACK, "anybody?");
    expect(network.take()).toEqual(["RST+ACK 2 ack 1"]);
    expect(network.peer.text).toBe("");
  });

  it("leaves a place that a new connection may have", () => {
    const network = opened();
    network.connection.end(false);
    network.connections.flush();
    network.acknowledged++;
    network.send(FIN | ACK);
    expect(network.connection.state).toBe("time-wait");
    network.take();
    network.sequence += 10;
    network.send(SYN);
    expect(network.connection.state).toBe("syn-received");
  });
});

describe("a reset", () => {
  it("of the guest ends it when it is in its place; else the guest is asked", () => {
    const network = opened();
    network.send(RST, "", { sequence: 1500 });
    expect(network.take()).toEqual(["ACK 1 ack 1"]);
    network.send(RST, "", { sequence: 999_999 });
    expect([network.take(), network.peer.events]).toEqual([[], []]);
    network.send(RST);
    expect(network.peer.events).toEqual(["aborted: reset"]);
  });

  it("follows what was sent before the other side was lost", () => {
    const network = opened();
    network.write("half a");
    network.connection.fail();
    const [half] = network.received.splice(0);
    if (half) network.acknowledge(half);
    expect(network.take()).toEqual(["RST+ACK 7 ack 1"]);
    expect(network.peer.events).toEqual([]);
  });

  it("answers what belongs to no connection", () => {
    const network = new TestNetwork();
    network.send(PSH | ACK, "hello?", { acknowledgment: 77 });
    expect(network.received[0]).toMatchObject({ flags: RST, sequence: 77 });
    network.send(FIN, "");
    expect(network.received[1]).toMatchObject({ flags: RST | ACK, sequence: 0, acknowledgment: 1007 });
    network.send(RST);
    expect(network.received.length).toBe(2);
  });

  it("is not believed of a SYN within a connection", () => {
    const network = opened();
    network.send(SYN, "", { sequence: 1001 });
    expect(network.take()).toEqual(["ACK 1 ack 1"]);
    expect(network.connection.state).toBe("established");
  });
});

describe("keeping alive", () => {
  it("answers a guest that asks", () => {
    const network = opened();
    network.send(ACK, "", { sequence: 1000 });
    expect(network.take()).toEqual(["ACK 1 ack 1"]);
  });

  it("asks a guest that has been silent for long, and gives up when there is no answer", () => {
    const network = opened();
    network.pass(601_000);
    expect(network.take()).toEqual(["ACK 0 ack 1"]);
    network.send(ACK);
    network.pass(599_000);
    expect(network.take()).toEqual([]);
    network.pass(300_000);
    expect(network.take().at(-1)).toBe("RST+ACK 1 ack 1");
    expect(network.peer.events).toEqual(["aborted: reset"]);
  });
});

it("a saved connection is reset where the guest waits for the next byte", () => {
  const network = opened();
  network.write("seen");
  const [saved] = network.connections.saved;
  if (!saved) throw new Error("it is not among those to be saved");
  const fresh = new TestNetwork();
  fresh.connections.resetSaved(saved);
  const [reset] = fresh.received;
  expect(reset).toMatchObject({ flags: RST, sequence: (network.acknowledged + 4) >>> 0, destinationPort: 40000 });
});
