/** DHCP (RFC 2131, options of RFC 2132), as far as one guest needs it. */
import { BROADCAST_IP, type Ipv4 } from "../packet/addresses.ts";
import { getU32, setU16, setU32 } from "../packet/packet.ts";

export const DHCP_SERVER_PORT = 67;
export const DHCP_CLIENT_PORT = 68;

const FIXED = 240;
const COOKIE_AT = 236;
const COOKIE = 0x63825363;
const BOOT_REQUEST = 1;
const BOOT_REPLY = 2;
const OPTION = {
  PAD: 0,
  SUBNET_MASK: 1,
  ROUTER: 3,
  DNS: 6,
  MTU: 26,
  NTP: 42,
  REQUESTED_ADDRESS: 50,
  LEASE_SECONDS: 51,
  MESSAGE_TYPE: 53,
  SERVER: 54,
  END: 255,
} as const;
const TYPE = { DISCOVER: 1, OFFER: 2, REQUEST: 3, DECLINE: 4, ACK: 5, NAK: 6, RELEASE: 7, INFORM: 8 } as const;

/** What the guest is told. */
export interface Lease {
  readonly address: Ipv4;
  readonly mask: Ipv4;
  /** Router, DNS, NTP and DHCP server in one. */
  readonly gateway: Ipv4;
  readonly mtu: number;
  readonly seconds: number;
}

export interface DhcpReply {
  readonly destination: Ipv4;
  readonly payload: Uint8Array;
}

/** The answer to a message of the guest; `null`: it gets none. */
export function answerDhcp(message: Uint8Array, lease: Lease): DhcpReply | null {
  if (message.byteLength < FIXED || message[0] !== BOOT_REQUEST || getU32(message, COOKIE_AT) !== COOKIE) return null;
  const options = readOptions(message.subarray(FIXED));
  const type = options.get(OPTION.MESSAGE_TYPE)?.[0];
  const server = address(options.get(OPTION.SERVER));
  if (server !== null && server !== lease.gateway) return null;
  const current = getU32(message, 12);
  switch (type) {
    case TYPE.DISCOVER:
      return reply(message, TYPE.OFFER, lease, lease.address);
    case TYPE.REQUEST: {
      const wanted = address(options.get(OPTION.REQUESTED_ADDRESS)) ?? current;
      return reply(message, wanted === lease.address ? TYPE.ACK : TYPE.NAK, lease, lease.address);
    }
    case TYPE.INFORM:
      return reply(message, TYPE.ACK, lease, 0);
    default:
      return null;
  }
}

/** Options by number; of one that is there twice, the first. */
function readOptions(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  for (let at = 0; at < bytes.byteLength; ) {
    const code = bytes[at++] as number;
    if (code === OPTION.PAD) continue;
    if (code === OPTION.END) break;
    const length = bytes[at++] ?? 0;
    if (at + length > bytes.byteLength) break;
    if (!options.has(code)) options.set(code, bytes.subarray(at, at + length));
    at += length;
  }
  return options;
}

function address(option: Uint8Array | undefined): Ipv4 | null {
  return option?.byteLength === 4 ? getU32(option, 0) : null;
}

/** @param given The address that the guest is given, 0 when it has one already. */
function reply(request: Uint8Array, type: number, lease: Lease, given: Ipv4): DhcpReply {
  const current = getU32(request, 12);
  const isRefusal = type === TYPE.NAK;
  const options: [number, number[]][] = [
    [OPTION.MESSAGE_TYPE, [type]],
    [OPTION.SERVER, u32(lease.gateway)],
  ];
  if (!isRefusal) {
    if (given !== 0) options.push([OPTION.LEASE_SECONDS, u32(lease.seconds)]);
    options.push(
      [OPTION.SUBNET_MASK, u32(lease.mask)],
      [OPTION.ROUTER, u32(lease.gateway)],
      [OPTION.DNS, u32(lease.gateway)],
      [OPTION.NTP, u32(lease.gateway)],
      [OPTION.MTU, [lease.mtu >> 8, lease.mtu & 255]],
    );
  }
  const tail = options.flatMap(([code, value]) => [code, value.length, ...value]);
  const payload = new Uint8Array(Math.max(FIXED + tail.length + 1, 300));
  payload[0] = BOOT_REPLY;
  payload[1] = 1;
  payload[2] = 6;
  // Transaction, flags and the client's hardware address are its own.
  payload.set(request.subarray(4, 8), 4);
  payload.set(request.subarray(10, 12), 10);
  if (!isRefusal) {
    setU32(payload, 12, current);
    setU32(payload, 16, given);
    setU32(payload, 20, lease.gateway);
  }
  payload.set(request.subarray(28, 44), 28);
  setU32(payload, COOKIE_AT, COOKIE);
  payload.set(tail, FIXED);
  payload[FIXED + tail.length] = OPTION.END;
  setU16(payload, 8, 0);
  return { destination: current !== 0 && !isRefusal ? current : BROADCAST_IP, payload };
}

function u32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
