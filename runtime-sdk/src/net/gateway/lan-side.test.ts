/** Gateways of machines that share a LAN. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TestChannels } from "../lan/test-channel.ts";
import { BROADCAST_IP, BROADCAST_MAC, type Ipv4 } from "../packet/addresses.ts";
import { ARP, arpPacket } from "../packet/arp.ts";
import { ipv4Packet, PROTOCOL } from "../packet/ipv4.ts";
import { getU32 } from "../packet/packet.ts";
import { udpPacket } from "../packet/udp.ts";
import { GATEWAY_MAC } from "./addressing.ts";
import { encodeSavedNetwork } from "./saved-network.ts";
import { GUEST_IP, GUEST_MAC, ip, TestGateway } from "./test-gateway.ts";

const OTHER_MAC = Uint8Array.of(0x52, 0x54, 0, 9, 9, 9);
const OUTSIDE = ip("203.0.113.7");

let channels: TestChannels;
let made: TestGateway[];
beforeEach(() => {
  vi.useFakeTimers();
  channels = new TestChannels();
  made = [];
});
afterEach(() => {
  for (const each of made) each.gateway.close();
  vi.useRealTimers();
});

function start(lan: string | null = "lan", savedAddress: Ipv4 | null = null): TestGateway {
  const net = new TestGateway(channels);
  made.push(net);
  net.gateway.restore(encodeSavedNetwork({ names: [], connections: [], address: savedAddress }));
  if (lan !== null) net.gateway.receive({ type: "lan", name: lan });
  net.gateway.pause(false);
  return net;
}

/** Address, and seconds of the lease, that an offer has. */
function readOffer({ payload }: { readonly payload: Uint8Array }) {
  const options = [...payload.subarray(240)];
  const at = options.findIndex((_, i) => options[i] === 51 && options[i + 1] === 4);
  return { address: getU32(payload, 16), seconds: getU32(payload, 240 + at + 2) };
}

/** What the guest is offered at once. */
function offered(net: TestGateway) {
  const payload = new Uint8Array(300);
  payload.set([1, 1, 6]);
  payload.set([0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255], 236);
  const route = { sourceMac: GUEST_MAC, destinationMac: BROADCAST_MAC, source: 0, destination: BROADCAST_IP };
  net.send(udpPacket(route, { sourcePort: 68, destinationPort: 67, payload }));
  return net.takeUdp().map(readOffer)[0];
}

const addressOf = (net: TestGateway) =>
  net.posted
    .flatMap((message) => (message.type === "lan-address" && message.address ? ip(message.address) : []))
    .at(-1);

it("a machine without a LAN has the usual address, and says nothing to others", async () => {
  const net = start(null);
  expect(offered(net)).toEqual({ address: GUEST_IP, seconds: 86_400 });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(channels.said).toEqual([]);
});

it("the guest is given the address that its machine has got, when it has", async () => {
  const [first, second] = [start(), start()];
  expect([offered(first), offered(second)]).toEqual([undefined, undefined]);
  await vi.advanceTimersByTimeAsync(2000);
  // Those who asked too early are answered then.
  const late = [first, second].map((net) => net.takeUdp().map(readOffer)[0]);
  // Not for long: it may have to be given up.
  expect(late).toEqual([first, second].map((net) => ({ address: addressOf(net), seconds: 600 })));
  const addresses = late.map((offer) => offer?.address);
  expect(addresses[0]).not.toBe(addresses[1]);
  expect(addresses).toContain(GUEST_IP);
});

it("a saved machine gets its address again, unless somebody has it", async () => {
  const own = ip("10.0.2.77");
  const first = start("lan", own);
  await vi.advanceTimersByTimeAsync(2000);
  expect(addressOf(first)).toBe(own);
  expect(JSON.parse(new TextDecoder().decode(first.gateway.save())).address).toBe(own);
  const copy = start("lan", own);
  await vi.advanceTimersByTimeAsync(2000);
  expect(addressOf(first)).toBe(own);
  expect(addressOf(copy)).not.toBe(own);
});

it("packets go from card to card, and never to another's gateway or relay", async () => {
  const [a, b] = [start(), start()];
  const socket = b.connectRelay();
  await vi.advanceTimersByTimeAsync(2000);
  const [from, to] = [addressOf(a) as Ipv4, addressOf(b) as Ipv4];
  const nobody = { targetMac: new Uint8Array(6), targetIp: to };
  a.send(arpPacket(BROADCAST_MAC, { operation: ARP.REQUEST, senderMac: GUEST_MAC, senderIp: from, ...nobody }));
  expect(b.takeArp()).toMatchObject([{ senderIp: from, targetIp: to }]);
  const answer = { operation: ARP.REPLY, senderMac: OTHER_MAC, senderIp: to, targetMac: GUEST_MAC, targetIp: from };
  b.send(arpPacket(GUEST_MAC, answer));
  expect(a.takeArp()).toMatchObject([{ senderIp: to }]);

  const send = (source: Ipv4, destination: Ipv4, destinationMac: Uint8Array) =>
    a.send(ipv4Packet({ sourceMac: GUEST_MAC, destinationMac, source, destination }, PROTOCOL.TCP, 20));
  send(from, to, OTHER_MAC);
  expect(b.packets.length).toBe(1);
  b.packets.length = 0;
  socket.take();
  send(from, OUTSIDE, OTHER_MAC);
  send(OUTSIDE, to, OTHER_MAC);
  send(from, OUTSIDE, BROADCAST_MAC);
  send(from, OUTSIDE, GATEWAY_MAC);
  await vi.advanceTimersByTimeAsync(1000);
  expect([b.packets, socket.take()]).toEqual([[], []]);
});
