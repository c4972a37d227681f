import { describe, expect, it } from "vitest";
import { FLAG } from "../packet/tcp-segment.ts";
import { GUEST, REMOTE, TestNetwork } from "./test-network.ts";

const { ACK, PSH, RST, SYN } = FLAG;

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
    network.connections.connect(GUEST, REMOTE, 8080, network.peer);
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
    network.connections.connect(GUEST, REMOTE, 8080, network.peer);
    const [syn] = network.received.splice(0);
    const ports = { sourcePort: 8080, destinationPort: syn?.sourcePort as number };
    network.send(RST | ACK, "", { ...ports, acknowledgment: 7 });
    expect(network.peer.events).toEqual([]);
    network.send(RST | ACK, "", { ...ports, acknowledgment: ((syn?.sequence as number) + 1) >>> 0 });
    expect(network.peer.events).toEqual(["aborted: refused"]);
    const silent = new TestNetwork();
    silent.connections.connect(GUEST, REMOTE, 8080, silent.peer);
    silent.pass(600_000);
    expect(silent.peer.events).toEqual(["aborted: timed-out"]);
    expect(silent.connections.size).toBe(0);
  });
  it("is given up when the other side never says anything", () => {
    const network = new TestNetwork("later");
    network.send(SYN);
    network.pass(129_000);
    expect(network.peer.events).toEqual([]);
    network.pass(2000);
    expect([network.take(), network.peer.events, network.connections.size]).toEqual([[], ["aborted: timed-out"], 0]);
  });

  it("begins anew when the guest has given up and asks again from the same port", () => {
    const network = new TestNetwork("later");
    network.send(SYN);
    const first = network.connection;
    network.sequence += 77_000;
    network.send(SYN);
    expect([first.state, network.peer.events]).toEqual(["closed", ["aborted: reset"]]);
    network.connection.accept();
    expect(network.received[0]).toMatchObject({ flags: SYN | ACK, acknowledgment: network.sequence });
  });

  it("a place is found by giving up those that are left unanswered", () => {
    const network = new TestNetwork("later");
    for (let i = 0; i < 1024; i++) {
      network.send(SYN, "", { sourcePort: 20_000 + i });
      network.connection.ignore();
    }
    network.take();
    network.send(SYN);
    network.connection.accept();
    expect(network.take()).toEqual([expect.stringContaining("SYN+ACK")]);
    expect(network.connections.size).toBe(1024);
  });

  it("from our side: what the guest says of an old connection with the same ports is answered by its reset", () => {
    const network = new TestNetwork();
    network.connections.connect(GUEST, REMOTE, 8080, network.peer);
    const [syn] = network.received.splice(0);
    const ports = { sourcePort: 8080, destinationPort: syn?.sourcePort as number };
    network.send(ACK, "", { ...ports, sequence: 5, acknowledgment: 777 });
    expect(network.received).toEqual([expect.objectContaining({ flags: RST, sequence: 777 })]);
    expect(network.peer.events).toEqual([]);
  });

  it("an acknowledgment of what was never sent is refused", () => {
    const network = new TestNetwork("later");
    network.send(SYN);
    network.connection.accept();
    const [answer] = network.received.splice(0);
    const wrong = ((answer?.sequence as number) + 50) >>> 0;
    network.send(ACK, "", { acknowledgment: wrong });
    expect(network.received).toEqual([expect.objectContaining({ flags: RST, sequence: wrong })]);
    expect(network.connection.state).toBe("syn-received");
  });

  it("from our side: ports are not the same after a restart", () => {
    const ports = Array.from({ length: 8 }, () => {
      const network = new TestNetwork();
      network.connections.connect(GUEST, REMOTE, 8080, network.peer);
      return network.received[0]?.sourcePort;
    });
    expect(new Set(ports).size).toBeGreaterThan(1);
  });
});
