import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GATEWAY_IP, GATEWAY_MAC } from "../gateway/addressing.ts";
import { BROADCAST_MAC, type Ipv4, parseIpv4 } from "../packet/addresses.ts";
import { ARP, arpPacket } from "../packet/arp.ts";
import { readCardHeader, writeCardHeader } from "../packet/card-header.ts";
import { ipv4Packet, PROTOCOL } from "../packet/ipv4.ts";
import { ETHERNET_AT, ETHERTYPE, IP_PAYLOAD_AT, newPacket, type Packet } from "../packet/packet.ts";
import { udpPacket } from "../packet/udp.ts";
import { Lan, type LanChannel } from "./lan.ts";
import { lanPacket } from "./lan-frame.ts";
import { TestChannels } from "./test-channel.ts";

const ip = (text: string) => parseIpv4(text) as Ipv4;
const mac = (last: number) => Uint8Array.of(0x52, 0x54, 0, 0, 0, last);
const [A, B, WANTED] = [ip("10.0.2.15"), ip("10.0.2.40"), ip("10.0.2.15")];
const route = (source: Ipv4, destination: Ipv4, from: Uint8Array = mac(1), to: Uint8Array = mac(2)) => ({
  source,
  destination,
  sourceMac: from,
  destinationMac: to,
});
const tcp = (...ends: Parameters<typeof route>) => {
  const packet = ipv4Packet(route(...ends), PROTOCOL.TCP, 20);
  packet[IP_PAYLOAD_AT + 12] = 0x50;
  return packet;
};
const udp = (destinationPort: number) =>
  udpPacket(route(A, B), { sourcePort: 1000, destinationPort, payload: new Uint8Array(3) });
const arp = (senderIp: Ipv4, targetIp: Ipv4, senderMac = mac(1)) =>
  arpPacket(BROADCAST_MAC, { operation: ARP.REQUEST, senderMac, senderIp, targetMac: new Uint8Array(6), targetIp });

describe("a packet from one machine to another", () => {
  it.each<[string, Packet]>([
    ["TCP", tcp(A, B)],
    ["UDP", udp(53)],
    [
      "UDP to all",
      udpPacket(route(A, ip("10.0.2.255"), mac(1), BROADCAST_MAC), {
        sourcePort: 1,
        destinationPort: 2,
        payload: mac(3),
      }),
    ],
    ["ARP", arp(A, B)],
    ["ARP of who has no address", arp(0, B)],
  ])("passes: %s", (_what, packet) => {
    expect(lanPacket(packet)).not.toBe(null);
  });

  it.each<[string, Packet]>([
    ["from the outside", tcp(ip("203.0.113.7"), B)],
    ["to the outside", tcp(A, ip("203.0.113.7"))],
    ["to a name's address", tcp(A, ip("198.18.0.9"))],
    ["as the gateway", tcp(GATEWAY_IP, B)],
    ["to the gateway", tcp(A, GATEWAY_IP)],
    ["by the gateway's hardware address", tcp(A, B, mac(1), GATEWAY_MAC)],
    ["as the gateway's hardware address", tcp(A, B, GATEWAY_MAC)],
    ["from many", tcp(A, B, BROADCAST_MAC)],
    ["to several", tcp(A, ip("224.0.0.251"))],
    ["DHCP's question", udp(67)],
    ["DHCP's answer", udp(68)],
    ["ARP for the gateway", arp(A, GATEWAY_IP)],
    ["ARP as the gateway", arp(GATEWAY_IP, B)],
    [
      "ARP for another's hardware address",
      (() => {
        const packet = arp(A, B);
        packet.set(mac(9), ETHERNET_AT + 6);
        return packet;
      })(),
    ],
    ["IPv6", newPacket(mac(2), mac(1), 0x86dd, 60)],
    ["no whole packet", tcp(A, B).subarray(0, 40)],
    ["too much", newPacket(mac(2), mac(1), ETHERTYPE.IPV4, 70_000)],
    ["nothing", new Uint8Array(0)],
  ])("does not pass: %s", (_what, packet) => {
    expect(lanPacket(packet)).toBe(null);
  });

  it("says to the card what it may say, and nothing else", () => {
    const good = tcp(A, B);
    writeCardHeader(good, IP_PAYLOAD_AT, 16, 1448);
    // Number of buffers, and where the checksum is: the card's business.
    good.set([9, 9, 9, 9, 9, 9], 6);
    const passed = lanPacket(good)?.packet as Packet;
    expect(readCardHeader(passed)).toEqual({ needsChecksum: true, segment: 1448 });
    expect([...passed.subarray(0, 12)]).toEqual([1, 1, 54, 0, 0xa8, 5, 34, 0, 16, 0, 0, 0]);
    for (const segment of [1, 87, 8961, 65535]) {
      const bad = tcp(A, B);
      writeCardHeader(bad, IP_PAYLOAD_AT, 16, segment);
      expect(lanPacket(bad), `${segment}`).toBe(null);
    }
    const other = ipv4Packet(route(A, B), PROTOCOL.ICMP, 8);
    writeCardHeader(other, IP_PAYLOAD_AT, 2, 0);
    expect(lanPacket(other)).toBe(null);
    const odd = tcp(A, B);
    odd.set([0x80, 5, 1, 1]);
    expect([...(lanPacket(odd)?.packet.subarray(0, 12) ?? [])]).toEqual(new Array(12).fill(0));
  });
});

describe("machines of a LAN", () => {
  let channels: TestChannels;
  const made: Lan[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    channels = new TestChannels();
  });
  afterEach(() => {
    for (const lan of made.splice(0)) lan.close();
    vi.useRealTimers();
  });

  function join(name = "lan", wanted = WANTED) {
    const delivered: Packet[] = [];
    const addresses: (Ipv4 | null)[] = [];
    let channel: LanChannel | undefined;
    const host = {
      deliver: (packet: Packet) => void delivered.push(packet),
      addressed: (address: Ipv4 | null) => void addresses.push(address),
    };
    const lan = new Lan(host, name, wanted, (opened) => {
      channel = channels.open(opened);
      return channel;
    });
    made.push(lan);
    return { lan, delivered, addresses, channel: channel as LanChannel };
  }
  const settle = () => vi.advanceTimersByTimeAsync(2000);

  it("get an address each: the first the one it wants, whoever comes later another", async () => {
    const first = join();
    expect(first.lan.address).toBe(null);
    await settle();
    const second = join();
    await settle();
    expect(first.addresses).toEqual([WANTED]);
    expect(second.addresses.length).toBe(1);
    expect(second.lan.address).not.toBe(WANTED);
    expect(second.lan.address).not.toBe(null);
  });

  it("get different ones when they want the same at the same time", async () => {
    const all = Array.from({ length: 20 }, () => join());
    await settle();
    expect(new Set(all.map(({ lan }) => lan.address)).size).toBe(20);
    expect(all.map(({ lan }) => lan.address)).toContain(WANTED);
  });

  it("are told when there is none left", async () => {
    for (let i = 0; i < 240; i++) join();
    await settle();
    const late = join();
    await settle();
    expect(late.addresses).toEqual([null]);
    const asked: unknown[] = [];
    late.lan.whenAddressed((address) => asked.push(address));
    expect(asked).toEqual([null]);
  });

  it("that could not hear each other find out, and one of them takes another", async () => {
    const second = join();
    channels.deaf.add(second.channel);
    const again = join();
    await settle();
    expect(again.lan.address).toBe(second.lan.address);
    channels.deaf.clear();
    await vi.advanceTimersByTimeAsync(12_000);
    expect(again.lan.address).not.toBe(second.lan.address);
    expect([again.lan.address, second.lan.address]).toContain(WANTED);
  });

  it("hear what is for all or for them, of their own LAN", async () => {
    const [a, b, c, other] = [join(), join(), join(), join("another")];
    await settle();
    a.lan.send(arp(A, B, mac(1)));
    expect([a, b, c, other].map(({ delivered }) => delivered.length)).toEqual([0, 1, 1, 0]);
    // The answer goes to one only, and the next packet to the other.
    b.lan.send(tcp(B, A, mac(2), mac(1)));
    a.lan.send(tcp(A, B, mac(1), mac(2)));
    expect([a, b, c, other].map(({ delivered }) => delivered.length)).toEqual([1, 2, 1, 0]);
  });

  it("get nothing that is for somebody unknown", async () => {
    const [a, b] = [join(), join()];
    await settle();
    channels.said.length = 0;
    a.lan.send(tcp(A, B, mac(1), mac(2)));
    expect([channels.said, b.delivered]).toEqual([[], []]);
  });

  it("are sent nothing any more when they have not been heard for long", async () => {
    const [a, b] = [join(), join()];
    await settle();
    b.lan.send(arp(B, A, mac(2)));
    await vi.advanceTimersByTimeAsync(60_000);
    a.lan.send(tcp(A, B, mac(1), mac(2)));
    expect(b.delivered.length).toBe(1);
    channels.deaf.add(b.channel);
    await vi.advanceTimersByTimeAsync(60_000);
    channels.said.length = 0;
    a.lan.send(tcp(A, B, mac(1), mac(2)));
    a.lan.send(arp(A, B));
    expect(channels.said).toEqual([]);
  });

  it("take nothing that is no message, or that a machine may not send", async () => {
    const a = join();
    const stranger = channels.open("warmboot-lan:lan");
    await settle();
    const from = "0123456789abcdef";
    const packet = tcp(A, B);
    const outside = tcp(A, ip("203.0.113.7"));
    const bad = [null, 1, "x", {}, { version: 1 }, { version: 2, from, type: "packet", to: null, packet }];
    const more = [
      { version: 1, from: "x", type: "packet", to: null, packet },
      { version: 1, from, type: "packet", to: 5, packet },
      { version: 1, from, type: "packet", to: null, packet: "text" },
      { version: 1, from, type: "packet", to: null, packet: outside },
      { version: 1, from, type: "here", address: GATEWAY_IP },
      { version: 1, from, type: "claim", address: "10.0.2.15" },
    ];
    for (const message of [...bad, ...more]) stranger.postMessage(message);
    expect([a.delivered, a.lan.address]).toEqual([[], WANTED]);
    stranger.postMessage({ version: 1, from, type: "packet", to: null, packet });
    expect(a.delivered.length).toBe(1);
  });
});
