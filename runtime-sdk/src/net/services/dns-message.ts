/** Messages of the DNS (RFC 1035, with EDNS of RFC 6891), as far as the gateway looks into them. */
import { getU16, setU16, setU32 } from "../packet/packet.ts";

export const DNS_TYPE = { A: 1, PTR: 12, AAAA: 28, OPT: 41, SVCB: 64, HTTPS: 65 } as const;
export const RCODE = { OK: 0, FORMAT: 1, SERVER_FAILURE: 2, NO_SUCH_NAME: 3, NOT_IMPLEMENTED: 4, REFUSED: 5 } as const;

const HEADER = 12;
const CLASS_IN = 1;
const MAX_NAME = 255;
const MAX_LABEL = 63;
/** What a datagram may have without EDNS, and the most that we say or take. */
const PLAIN_LIMIT = 512;
const EDNS_LIMIT = 1232;
const OPT_SIZE = 11;

/** What is asked. */
export interface Question {
  /** In lower case, with dots between the labels and none at the end; `null`: it has characters that a host's name has not. */
  readonly name: string | null;
  readonly type: number;
  /** The message from its header to the end of the question. */
  readonly head: Uint8Array;
  /** The most that a datagram with the answer may have. */
  readonly limit: number;
  readonly hasEdns: boolean;
}

/** `"bad"`: a query that is not understood but can be answered so; `null`: not a query. */
export function readQuestion(message: Uint8Array): Question | "bad" | null {
  if (message.byteLength < HEADER || (message[2] as number) & 0x80) return null;
  const isQuery = ((message[2] as number) & 0x78) === 0;
  if (!isQuery || getU16(message, 4) !== 1 || getU16(message, 6) !== 0 || getU16(message, 8) !== 0) return "bad";
  const found = readName(message, HEADER);
  if (!found || found.end + 4 > message.byteLength || getU16(message, found.end + 2) !== CLASS_IN) return "bad";
  const end = found.end + 4;
  const edns = readEdns(message.subarray(end), getU16(message, 10));
  return {
    name: found.name,
    type: getU16(message, found.end),
    head: message.subarray(0, end),
    limit: edns === null ? PLAIN_LIMIT : Math.min(Math.max(edns, PLAIN_LIMIT), EDNS_LIMIT),
    hasEdns: edns !== null,
  };
}

/** The size that an OPT record says, if the additional records begin with one. */
function readEdns(rest: Uint8Array, records: number): number | null {
  const isOpt = records > 0 && rest.byteLength >= OPT_SIZE && rest[0] === 0 && getU16(rest, 1) === DNS_TYPE.OPT;
  return isOpt ? getU16(rest, 3) : null;
}

/** A name without pointers: a question has none. */
function readName(message: Uint8Array, from: number): { name: string | null; end: number } | null {
  const labels: string[] = [];
  let isHost = true;
  let at = from;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > MAX_LABEL || at + 1 - from + length > MAX_NAME) return null;
    at++;
    if (length === 0) break;
    if (at + length > message.byteLength) return null;
    const label = String.fromCharCode(...message.subarray(at, at + length)).toLowerCase();
    if (!/^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/.test(label)) isHost = false;
    labels.push(label);
    at += length;
  }
  return { name: isHost ? labels.join(".") : null, end: at };
}

/** An answer's code; `null` when it is none. */
export function rcodeOf(message: Uint8Array): number | null {
  return message.byteLength < HEADER ? null : (message[3] as number) & 15;
}

/** The number of records in an answer. */
export function answersOf(message: Uint8Array): number {
  return message.byteLength < HEADER ? 0 : getU16(message, 6);
}

/** An answer without records. */
export function plainAnswer({ head, hasEdns }: Question, rcode: number): Uint8Array {
  return answer(head, hasEdns, rcode, null);
}

/** An answer with one record. */
export function recordAnswer({ head, hasEdns, type }: Question, ttlSeconds: number, data: Uint8Array): Uint8Array {
  const record = new Uint8Array(12 + data.byteLength);
  // The name is the question's.
  setU16(record, 0, 0xc000 | HEADER);
  setU16(record, 2, type);
  setU16(record, 4, CLASS_IN);
  setU32(record, 6, ttlSeconds);
  setU16(record, 10, data.byteLength);
  record.set(data, 12);
  return answer(head, hasEdns, RCODE.OK, record);
}

/** What says that the answer is too long for a datagram: to be asked again by TCP. */
export function truncatedAnswer({ head, hasEdns }: Question, rcode: number): Uint8Array {
  const message = answer(head, hasEdns, rcode, null);
  message[2] = (message[2] as number) | 0x02;
  return message;
}

/** The answer to a query that is not understood. */
export function badAnswer(query: Uint8Array): Uint8Array {
  const message = new Uint8Array(HEADER);
  message.set(query.subarray(0, 4));
  message[2] = 0x80 | ((query[2] as number) & 0x79);
  message[3] = (query[2] as number) & 0x78 ? RCODE.NOT_IMPLEMENTED : RCODE.FORMAT;
  return message;
}

/** A name as it is in a record. */
export function encodeName(name: string): Uint8Array {
  const labels = name.split(".").flatMap((label) => [label.length, ...Array.from(label, (c) => c.charCodeAt(0))]);
  return Uint8Array.from([...labels, 0]);
}

function answer(head: Uint8Array, hasEdns: boolean, rcode: number, record: Uint8Array | null): Uint8Array {
  const size = head.byteLength + (record?.byteLength ?? 0);
  const message = new Uint8Array(size + (hasEdns ? OPT_SIZE : 0));
  message.set(head);
  // A response, recursion desired as it was, recursion available.
  message[2] = 0x80 | ((head[2] as number) & 0x01);
  message[3] = 0x80 | rcode;
  setU16(message, 6, record ? 1 : 0);
  setU16(message, 10, hasEdns ? 1 : 0);
  if (record) message.set(record, head.byteLength);
  if (hasEdns) {
    setU16(message, size + 1, DNS_TYPE.OPT);
    setU16(message, size + 3, EDNS_LIMIT);
  }
  return message;
}
