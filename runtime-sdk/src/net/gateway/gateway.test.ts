import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BROADCAST_IP, BROADCAST_MAC } from "../packet/addresses.ts";
import { FLAG } from "../packet/tcp-segment.ts";
import { encodeClose, encodeData } from "../wisp/index.ts";
import { GATEWAY_IP } from "./addressing.ts";
import { encodeSavedNetwork } from "./saved-network.ts";
import { GUEST_IP, ip, TestGateway } from "./test-gateway.ts";

const { ACK, RST, SYN } = FLAG;
const REMOTE = ip("203.0.113.7");
const PORTS = { sourcePort: 40000, destinationPort: 80 };

let net: TestGateway;
beforeEach(() => {
  vi.useFakeTimers();
  net = new TestGateway();
  net.gateway.pause(false);
});
afterEach(() => {
  net.gateway.close();
  vi.useRealTimers();
});

/** A connection of the guest by the relay, with the relay's stream 1. */
async function connected() {
  const socket = net.connectRelay();
  net.sendTcp(REMOTE, { ...PORTS, flags: SYN });
  await vi.advanceTimersByTimeAsync(300);
  const [answer] = net.takeTcp();
  const acknowledgment = ((answer?.sequence ?? 0) + 1) >>> 0;
  net.sendTcp(REMOTE, { ...PORTS, flags: ACK, sequence: 1001, acknowledgment });
  return { socket, acknowledgment };
}

describe("connections of the guest", () => {
  it("are reset when another relay, or none, is to be used", async () => {
    await connected();
    net.gateway.receive({ type: "relay", relay: null });
    expect(net.takeTcp()).toMatchObject([{ flags: RST | ACK, destinationPort: 40000 }]);
  });

  it("are reset at once when the relay is lost, whatever was on its way", async () => {
    const { socket } = await connected();
    net.room = false;
    socket.receive(encodeData(1, new Uint8Array(50_000)));
    socket.end(1006);
    expect(net.takeTcp().at(-1)).toMatchObject({ flags: RST | ACK });
  });

  it("are reset at once when they are given up since nobody reads", async () => {
    const { socket } = await connected();
    Object.assign(socket, { pause: undefined });
    net.room = false;
    for (let i = 0; i < 1025; i++) socket.receive(encodeData(1, new Uint8Array(65536)));
    expect(net.takeTcp().at(-1)).toMatchObject({ flags: RST | ACK });
    expect(net.posted).toContainEqual({ type: "blocked", blocked: { host: "", port: 0, reason: "overrun" } });
  });
});

describe("connections to the guest", () => {
  const asked = () => net.takeArp().filter(({ targetIp }) => targetIp === GUEST_IP).length;

  it("wait until it is known where it is", () => {
    net.gateway.receive({ type: "connect", id: 1, port: 8080 });
    expect([asked(), net.takeTcp()]).toEqual([1, []]);
    net.answerArp();
    expect(net.takeTcp()).toMatchObject([{ flags: SYN, destinationPort: 8080 }]);
  });

  it("that are not wanted any more by then are not made", () => {
    net.gateway.receive({ type: "connect", id: 1, port: 8080 });
    net.gateway.receive({ type: "socket-close", id: 1 });
    net.answerArp();
    expect(net.takeTcp()).toEqual([]);
  });

  it("are not made to a guest that does not answer", async () => {
    net.gateway.receive({ type: "connect", id: 1, port: 8080 });
    await vi.advanceTimersByTimeAsync(6000);
    expect(net.posted).toContainEqual({ type: "socket-closed", id: 1, reason: "no-guest" });
  });
});

describe("connections of a saved machine", () => {
  const saved = { guest: GUEST_IP, remote: REMOTE, ends: { guest: 40000, remote: 80 }, next: 77 };

  it("are reset when the machine runs, however long it has stood still before", async () => {
    net = new TestGateway();
    net.gateway.restore(encodeSavedNetwork({ names: [], connections: [saved], address: null }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(net.takeArp()).toEqual([]);
    net.gateway.pause(false);
    expect(net.takeArp()).toMatchObject([{ targetIp: GUEST_IP }]);
    expect(net.takeTcp()).toEqual([]);
    net.answerArp();
    expect(net.takeTcp()).toMatchObject([{ flags: RST, sequence: 77, destinationPort: 40000 }]);
    // And are forgotten then.
    await vi.advanceTimersByTimeAsync(10_000);
    net.answerArp();
    expect(net.takeTcp()).toEqual([]);
  });

  it("stay with it while it does not know", () => {
    net.gateway.restore(encodeSavedNetwork({ names: [], connections: [saved], address: null }));
    expect(JSON.parse(new TextDecoder().decode(net.gateway.save())).connections).toEqual([saved]);
  });
});

describe("datagrams", () => {
  const datagram = { sourcePort: 5000, destinationPort: 4000, payload: new TextEncoder().encode("hello") };

  it("go by the relay and come back", () => {
    const socket = net.connectRelay();
    net.sendUdp(REMOTE, datagram);
    expect(socket.take()).toMatchObject([
      { type: "connect", streamType: 2, host: "203.0.113.7", port: 4000 },
      { type: "data", stream: 1 },
    ]);
    socket.receive(encodeData(1, new TextEncoder().encode("answer")));
    const [answer] = net.takeUdp();
    expect(answer).toMatchObject({ sourcePort: 4000, destinationPort: 5000 });
    expect(new TextDecoder().decode(answer?.payload)).toBe("answer");
  });

  it("that fit in no packet are dropped", () => {
    const socket = net.connectRelay();
    net.sendUdp(REMOTE, datagram);
    socket.receive(encodeData(1, new Uint8Array(65_507)));
    expect(net.takeUdp().map(({ payload }) => payload.byteLength)).toEqual([65_507]);
    socket.receive(encodeData(1, new Uint8Array(65_508)));
    expect(net.packets).toEqual([]);
  });

  it("that the relay forbids are told of", () => {
    const socket = net.connectRelay();
    net.sendUdp(REMOTE, datagram);
    socket.receive(encodeClose(1, 0x48));
    const blocked = { host: "203.0.113.7", port: 4000, reason: "policy" };
    expect(net.posted).toContainEqual({ type: "blocked", blocked });
  });

  it("are lost while the relay is connected to, and answered by an error when there is none", () => {
    net.gateway.receive({ type: "relay", relay: { url: "ws://127.0.0.1:1/wisp/", allowPlain: false } });
    net.sendUdp(REMOTE, datagram);
    expect(net.takeIcmp()).toEqual([]);
    net.gateway.receive({ type: "relay", relay: null });
    net.sendUdp(REMOTE, datagram);
    expect(net.takeIcmp()).toEqual(["3.0"]);
    net.sendUdp(GATEWAY_IP, datagram);
    expect(net.takeIcmp()).toEqual(["3.3"]);
  });

  it("the time is told for any address, and to nobody who asks all", () => {
    const payload = new Uint8Array(48).fill(0x23, 0, 1);
    const question = { sourcePort: 5000, destinationPort: 123, payload };
    net.sendUdp(REMOTE, question);
    expect(net.takeUdp().map(({ payload: [first] }) => first)).toEqual([0x24]);
    net.sendUdp(BROADCAST_IP, question, BROADCAST_MAC);
    expect(net.packets).toEqual([]);
  });
});
