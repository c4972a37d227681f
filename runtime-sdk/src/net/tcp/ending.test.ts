import { describe, expect, it } from "vitest";
import { FLAG } from "../packet/tcp-segment.ts";
import { opened, TestNetwork } from "./test-network.ts";

const { ACK, FIN, PSH, RST, SYN } = FLAG;

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
  it("by both: who takes the last bytes slowly gets them all the same", () => {
    const network = opened();
    network.peer.room = 0;
    network.send(FIN | ACK, "the last");
    network.connection.end(false);
    network.connections.flush();
    const fin = network.received.splice(0).at(-1);
    const { connection } = network;
    if (fin) network.acknowledge(fin);
    network.pass(20_000);
    expect([connection.state, network.connections.size]).toEqual(["closed", 0]);
    network.peer.room = 100;
    connection.resume();
    expect([network.peer.text, network.peer.events]).toEqual(["the last", ["end", "finished"]]);
  });

  it("by the other side first, slow to take the rest: nothing is lost when its time has passed", () => {
    const network = opened();
    network.peer.room = 0;
    network.connection.end(false);
    network.connections.flush();
    network.acknowledged++;
    network.send(FIN | ACK, "the last");
    const { connection } = network;
    expect(connection.state).toBe("time-wait");
    network.pass(20_000);
    expect(network.connections.size).toBe(0);
    network.peer.room = 100;
    connection.resume();
    expect([network.peer.text, network.peer.events]).toEqual(["the last", ["end", "finished"]]);
  });

  it("when the other side goes after it has ended: the guest's side ends in time", () => {
    const network = opened();
    network.connection.end(false);
    network.connections.flush();
    const fin = network.received.splice(0).at(-1);
    if (fin) network.acknowledge(fin);
    expect(network.connection.state).toBe("fin-wait-2");
    network.connection.end(true);
    network.pass(61_000);
    expect([network.take(), network.connections.size]).toEqual([["RST+ACK 2 ack 1"], 0]);
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
