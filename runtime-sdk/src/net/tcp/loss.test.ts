import { describe, expect, it } from "vitest";
import { FLAG } from "../packet/tcp-segment.ts";
import { letters, opened, TestNetwork } from "./test-network.ts";

const { ACK, PSH, SYN } = FLAG;

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
  it("is repaired with what was sent before, and nothing new", () => {
    const network = opened({ mss: 1000, window: 300 });
    network.write(letters(100));
    network.write(letters(100));
    network.write(letters(100));
    network.write(letters(5000));
    network.take();
    network.room = false;
    for (let i = 0; i < 4; i++) network.send(ACK, "", { window: 5000 });
    const [again] = network.received.splice(0);
    expect(again?.payload.byteLength).toBe(300);
  });

  it("does not take the end for sent when it was not", () => {
    const network = opened({ mss: 100 });
    network.write(letters(100));
    network.take();
    network.room = false;
    network.connection.end(false);
    for (let i = 0; i < 3; i++) network.send(ACK);
    expect(network.take()).toEqual([expect.stringMatching(/^PSH\+ACK 1 /)]);
    expect(network.connection.state).toBe("established");
  });

  it("that is being repaired: acknowledgments have the number behind all that was sent", () => {
    const network = opened({ mss: 100 });
    network.write(letters(300));
    network.pass(1500);
    network.room = false;
    network.take();
    network.send(PSH | ACK, "hello");
    expect(network.take()).toEqual(["ACK 301 ack 6"]);
    expect(network.connections.saved[0]?.next).toBe((network.acknowledged + 300) >>> 0);
    network.connection.reset();
    expect(network.take()).toEqual(["RST+ACK 301 ack 6"]);
  });

  it("a SYN that was sent twice says nothing about the way", () => {
    const network = new TestNetwork("later");
    network.send(SYN);
    network.connection.accept();
    network.pass(1400);
    const answer = network.received.splice(0).at(-1);
    network.acknowledged = ((answer?.sequence as number) + 1) >>> 0;
    network.send(ACK);
    network.write("x");
    network.take();
    // The time-out is still that of after the loss: two seconds.
    network.pass(1900);
    expect(network.take()).toEqual([]);
    network.pass(200);
    expect(network.take().length).toBe(1);
  });

  it("a guest that answers and takes nothing is given up", () => {
    const network = opened({ mss: 100 });
    network.write(letters(300));
    for (let i = 0; i < 600 && network.connections.size > 0; i++) {
      network.pass(1000);
      network.send(ACK, "", { window: 5000 + i });
    }
    expect(network.peer.events).toEqual(["aborted: reset"]);
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
  it("makes nothing slower that comes after it", () => {
    const network = opened({ window: 0 });
    network.write("waiting");
    for (let i = 0; i < 20; i++) {
      network.pass(61_000);
      network.send(ACK, "", { window: 0 });
    }
    network.take();
    network.send(ACK, "", { window: 100 });
    expect(network.take()).toEqual(['PSH+ACK 1 ack 1 "waiting"']);
    // It was lost: it comes again as soon as ever.
    network.pass(1100);
    expect(network.take()[0]).toBe('PSH+ACK 1 ack 1 "waiting"');
  });
});
