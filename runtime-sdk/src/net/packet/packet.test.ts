import { describe, expect, it } from "vitest";
import { captureRecord } from "../gateway/capture-file.ts";
import { formatIpv4, parseIpv4 } from "./addresses.ts";
import { ARP, arpPacket, readArp } from "./arp.ts";
import { checksum, fold, sumPseudoHeader, sumWords } from "./checksum.ts";
import { echoReply, isEcho, quoteOf, unreachable } from "./icmp.ts";
import { type Ipv4Header, ipv4Packet, PROTOCOL, type Route, readIpv4 } from "./ipv4.ts";
import { ETHERNET_AT, IP_AT, IP_PAYLOAD_AT, type Packet, readEthernet } from "./packet.ts";
import { FLAG, finishSegment, readSegment, segmentPacket, synPacket, TCP_PAYLOAD_AT } from "./tcp-segment.ts";
import { readUdp, udpPacket } from "./udp.ts";

const A = Uint8Array.of(2, 0, 0, 0, 0, 1);
const B = Uint8Array.of(2, 0, 0, 0, 0, 2);
const route: Route = { sourceMac: A, destinationMac: B, source: 0x0a000202, destination: 0x0a00020f };
const headerOf = (packet: Packet): Ipv4Header => {
  const header = readIpv4(packet);
  if (!header) throw new Error("not IPv4");
  return header;
};
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
/** 0 when the checksum of TCP or UDP is right. */
function remainder(packet: Packet, protocol: number): number {
  const { source, destination, payloadAt, end } = headerOf(packet);
  return checksum(
    fold(sumWords(packet, payloadAt, end, sumPseudoHeader(source, destination, protocol, end - payloadAt))),
  );
}

describe("addresses", () => {
  it("are read strictly", () => {
    expect(parseIpv4("10.0.2.15")).toBe(0x0a00020f);
    expect(formatIpv4(0xfffefd00)).toBe("255.254.253.0");
    for (const text of ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "0x1.2.3.4", "1..3.4"])
      expect(parseIpv4(text), text).toBe(null);
  });
});

describe("checksums", () => {
  it("are RFC 1071's", () => {
    expect(fold(sumWords(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7), 0, 8))).toBe(0xddf2);
    expect(sumWords(Uint8Array.of(9, 1, 2, 3), 1, 4)).toBe(0x0102 + 0x0300);
    expect(fold(sumWords(new Uint8Array(65536).fill(0xff), 0, 65536))).toBe(0xffff);
  });

  it("of what we send are right, or left to the card with the sum over the pseudo header", () => {
    const header = {
      sourcePort: 80,
      destinationPort: 40000,
      sequence: 1,
      acknowledgment: 2,
      flags: FLAG.ACK,
      window: 3,
    };
    const build = () => {
      const packet = segmentPacket(route, header, 5);
      packet.set([1, 2, 3, 4, 5], TCP_PAYLOAD_AT);
      return packet;
    };
    const whole = finishSegment(build(), route, 1460, { checksum: false, segmentation: false });
    expect(remainder(whole, PROTOCOL.TCP)).toBe(0);
    const left = finishSegment(build(), route, 2, { checksum: true, segmentation: true });
    // Flags, kind of segmentation, header's length, size of a segment, where the checksum begins and where it goes.
    expect([...left.subarray(0, 12)]).toEqual([1, 1, 54, 0, 2, 0, 34, 0, 16, 0, 0, 0]);
    expect(remainder(left, PROTOCOL.TCP)).not.toBe(0);
    expect(hex(captureRecord(left, 0).subarray(16))).toBe(hex(whole.subarray(ETHERNET_AT)));
    const udp = udpPacket(route, { sourcePort: 53, destinationPort: 999, payload: Uint8Array.of(7, 8, 9) });
    expect(remainder(udp, PROTOCOL.UDP)).toBe(0);
  });
});

describe("a packet comes back as it was made:", () => {
  it("ARP", () => {
    const message = { operation: ARP.REQUEST, senderMac: A, senderIp: 1, targetMac: B, targetIp: 0xffffffff };
    const packet = arpPacket(B, message);
    expect(readArp(packet)).toEqual(message);
    expect(readEthernet(packet)).toEqual({ destination: B, source: A, type: 0x0806 });
    expect(readArp(packet.slice(0, -1))).toBe(null);
    packet[IP_AT + 1] = 6;
    expect(readArp(packet)).toBe(null);
  });

  it("UDP, with what may follow it in a frame", () => {
    const datagram = { sourcePort: 1, destinationPort: 65535, payload: Uint8Array.of(1, 2, 3) };
    const packet = udpPacket(route, datagram);
    expect(readUdp(packet, headerOf(packet))).toEqual(datagram);
    const padded = new Uint8Array(packet.byteLength + 9);
    padded.set(packet);
    expect(readUdp(padded, headerOf(padded))).toEqual(datagram);
    packet[IP_PAYLOAD_AT + 5] = 200;
    expect(readUdp(packet, headerOf(packet))).toBe(null);
  });

  it("a SYN with its options", () => {
    const header = {
      sourcePort: 1,
      destinationPort: 2,
      sequence: 0xfffffffe,
      acknowledgment: 0,
      flags: FLAG.SYN,
      window: 9,
    };
    const packet = synPacket(route, header, 1460, 7);
    expect(readSegment(packet, headerOf(packet))).toEqual({
      ...header,
      mss: 1460,
      windowScale: 7,
      payload: new Uint8Array(0),
    });
    const plain = synPacket(route, header, 536, null);
    expect(readSegment(plain, headerOf(plain))).toMatchObject({ mss: 536, windowScale: null });
    // An option that says it is longer than the header.
    packet[TCP_PAYLOAD_AT + 1] = 40;
    expect(readSegment(packet, headerOf(packet))).toMatchObject({ mss: null, windowScale: null });
  });

  it("an echo and an error", () => {
    const echo = ipv4Packet(route, PROTOCOL.ICMP, 12);
    echo.set([8, 0, 0, 0, 0, 1, 0, 2, 9, 9, 9, 9], IP_PAYLOAD_AT);
    expect(isEcho(echo, headerOf(echo))).toBe(true);
    const reply = echoReply(route, echo, headerOf(echo));
    expect(hex(reply.subarray(IP_PAYLOAD_AT + 4))).toBe("0001000209090909");
    expect([reply[IP_PAYLOAD_AT], checksum(sumWords(reply, IP_PAYLOAD_AT, reply.byteLength))]).toEqual([0, 0]);
    const error = unreachable(route, 13, quoteOf(echo, headerOf(echo)));
    expect([error[IP_PAYLOAD_AT], error[IP_PAYLOAD_AT + 1]]).toEqual([3, 13]);
    expect(hex(error.subarray(IP_PAYLOAD_AT + 8))).toBe(hex(echo.subarray(IP_AT, IP_PAYLOAD_AT + 8)));
  });
});

it("an IPv4 packet that is cut, a fragment, or wrong in its checksum is none", () => {
  const packet = ipv4Packet(route, PROTOCOL.UDP, 8);
  expect(readIpv4(packet)).toMatchObject({ payloadAt: IP_PAYLOAD_AT, end: packet.byteLength });
  expect(readIpv4(packet.slice(0, -1))).toBe(null);
  for (const [at, value] of [
    [0, 0x65],
    [0, 0x44],
    [6, 0x20],
    [7, 1],
    [10, 0x12],
  ] as const) {
    const wrong = packet.slice();
    wrong[IP_AT + at] = value;
    expect(readIpv4(wrong), `byte ${at}`).toBe(null);
  }
});

it("any bytes are taken or left, and nothing outside of them is looked at", () => {
  const seed = Number(process.env["WARMBOOT_SEED"] ?? Date.now() % 2 ** 31);
  let state = seed;
  const random = (limit: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % limit;
  };
  let segments = 0;
  for (let i = 0; i < 20_000; i++) {
    const size = random(80);
    const packet = ipv4Packet(route, [1, 6, 17][random(3)] as number, size);
    for (let at = IP_PAYLOAD_AT; at < packet.byteLength; at++) packet[at] = random(256);
    if (random(4) === 0) packet[IP_AT + random(20)] = random(256);
    const cut = packet.slice(0, packet.byteLength - random(3));
    try {
      const header = readIpv4(cut);
      if (!header) continue;
      expect(header.end).toBeLessThanOrEqual(cut.byteLength);
      const segment = readSegment(cut, header);
      if (segment) segments++;
      expect(segment?.payload.byteLength ?? 0).toBeLessThanOrEqual(size);
      expect(readUdp(cut, header)?.payload.byteLength ?? 0).toBeLessThanOrEqual(size);
      isEcho(cut, header);
      readArp(cut);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error}`);
    }
  }
  expect(segments).toBeGreaterThan(1000);
});
