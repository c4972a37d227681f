/** The part of the DNS (RFC 1035) that a resolver for one question at a time needs. */

export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export const RECORD_TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DS: 43,
  DNSKEY: 48,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  CAA: 257,
} as const;
export type RecordTypeName = keyof typeof RECORD_TYPE;

export const HEADER_BYTES = 12;
const CLASS_IN = 1;
const TYPE_OPT = 41;
/** RFC 1035 has 512 for UDP; a question with an OPT record is far below. */
export const MAX_QUERY_BYTES = 512;
const MAX_NAME_BYTES = 255;
const FLAG = { RESPONSE: 0x8000, OPCODE: 0x7800, RECURSION_DESIRED: 0x0100, RECURSION_AVAILABLE: 0x0080 } as const;

export interface Question {
  readonly id: number;
  readonly recursionDesired: boolean;
  /** Labels joined by dots; `null` when one of them holds a byte that is not letter, digit, hyphen or underscore. */
  readonly name: string | null;
  readonly type: number;
  /** Whether the query came with an OPT record (RFC 6891). */
  readonly edns: boolean;
  /** The question section as it came. */
  readonly bytes: Uint8Array;
}

/** A query that gets no answer but this code. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly id: number;
  readonly rcode: number;

  constructor(id: number, rcode: number, message: string) {
    super(message);
    this.id = id;
    this.rcode = rcode;
  }
}

/** Reads a query with one question. @throws QueryError; `null` when it is not even worth an answer. */
export function parseQuery(message: Uint8Array): Question | null {
  if (message.byteLength < HEADER_BYTES) return null;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const id = view.getUint16(0);
  const flags = view.getUint16(2);
  if (flags & FLAG.RESPONSE) return null;
  const malformed = (what: string) => new QueryError(id, RCODE.FORMERR, what);
  if (message.byteLength > MAX_QUERY_BYTES) throw malformed("too long");
  if (flags & FLAG.OPCODE) throw new QueryError(id, RCODE.NOTIMP, "not a standard query");
  const counts = [4, 6, 8, 10].map((at) => view.getUint16(at));
  const additional = counts[3] ?? 0;
  if (counts[0] !== 1 || counts[1] !== 0 || counts[2] !== 0 || additional > 1) throw malformed("not one question");
  const { name, end } = readName(message, malformed);
  if (message.byteLength < end + 4) throw malformed("cut off");
  const type = view.getUint16(end);
  if (view.getUint16(end + 2) !== CLASS_IN) throw new QueryError(id, RCODE.REFUSED, "a class that is not IN");
  if (additional === 1) checkOpt(view, end + 4, malformed);
  else if (message.byteLength !== end + 4) throw malformed("bytes after the question");
  const bytes = message.slice(HEADER_BYTES, end + 4);
  return { id, recursionDesired: (flags & FLAG.RECURSION_DESIRED) !== 0, name, type, edns: additional === 1, bytes };
}

function readName(message: Uint8Array, malformed: (what: string) => Error): { name: string | null; end: number } {
  const labels: string[] = [];
  let plain = true;
  let at = HEADER_BYTES;
  for (;;) {
    const length = message[at];
    if (length === undefined) throw malformed("a name that is cut off");
    at++;
    if (length === 0) break;
    // WHY: also what starts a compressed name; nothing comes before a question that it could point to.
    if (length > 63) throw malformed("a label that is too long");
    if (at + length > message.byteLength) throw malformed("a name that is cut off");
    const label = message.subarray(at, at + length);
    plain &&= label.every(isPlain);
    labels.push(String.fromCharCode(...label));
    at += length;
    if (at - HEADER_BYTES > MAX_NAME_BYTES - 1) throw malformed("a name that is too long");
  }
  return { name: plain ? labels.join(".") : null, end: at };
}

/** Letter, digit, hyphen, underscore. */
const isPlain = (byte: number): boolean =>
  (byte >= 0x61 && byte <= 0x7a) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x30 && byte <= 0x39) ||
  byte === 0x2d ||
  byte === 0x5f;

/** The rest must be one OPT record. */
function checkOpt(view: DataView, at: number, malformed: (what: string) => Error): void {
  const fixed = 11;
  if (view.byteLength < at + fixed) throw malformed("an additional record that is cut off");
  if (view.getUint8(at) !== 0 || view.getUint16(at + 1) !== TYPE_OPT)
    throw malformed("an additional record that is not OPT");
  if (view.byteLength !== at + fixed + view.getUint16(at + 9)) throw malformed("an OPT record of a wrong length");
}

export interface ResourceRecord {
  readonly type: number;
  readonly ttlSeconds: number;
  readonly data: Uint8Array;
}

/** The answer to a question, its records all of the name that was asked. */
export function encodeAnswer(question: Question, rcode: number, records: readonly ResourceRecord[] = []): Buffer {
  const size = records.reduce((sum, { data }) => sum + 12 + data.byteLength, HEADER_BYTES + question.bytes.byteLength);
  const message = Buffer.alloc(size);
  writeHeader(message, question.id, rcode, question.recursionDesired);
  message.writeUInt16BE(1, 4);
  message.writeUInt16BE(records.length, 6);
  message.set(question.bytes, HEADER_BYTES);
  let at = HEADER_BYTES + question.bytes.byteLength;
  for (const { type, ttlSeconds, data } of records) {
    // RFC 1035 4.1.4: a pointer to the question's name.
    message.writeUInt16BE(0xc000 | HEADER_BYTES, at);
    message.writeUInt16BE(type, at + 2);
    message.writeUInt16BE(CLASS_IN, at + 4);
    message.writeUInt32BE(ttlSeconds, at + 6);
    message.writeUInt16BE(data.byteLength, at + 10);
    message.set(data, at + 12);
    at += 12 + data.byteLength;
  }
  return message;
}

/** The answer to what was no question. */
export function encodeError(error: QueryError): Buffer {
  const message = Buffer.alloc(HEADER_BYTES);
  writeHeader(message, error.id, error.rcode, false);
  return message;
}

function writeHeader(message: Buffer, id: number, rcode: number, recursionDesired: boolean): void {
  const flags = FLAG.RESPONSE | FLAG.RECURSION_AVAILABLE | rcode | (recursionDesired ? FLAG.RECURSION_DESIRED : 0);
  message.writeUInt16BE(id, 0);
  message.writeUInt16BE(flags, 2);
}

/** The question anew, to ask another resolver. */
export function encodeQuery(question: Question, id: number): Buffer {
  const opt = question.edns ? Buffer.from([0, 0, TYPE_OPT, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]) : Buffer.alloc(0);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(FLAG.RECURSION_DESIRED, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(question.edns ? 1 : 0, 10);
  return Buffer.concat([header, question.bytes, opt]);
}

/** Whether the message answers the query: same id, same question. */
export function isAnswerTo(message: Buffer, question: Question, id: number): boolean {
  const end = HEADER_BYTES + question.bytes.byteLength;
  return (
    message.byteLength >= end &&
    message.readUInt16BE(0) === id &&
    (message.readUInt16BE(2) & FLAG.RESPONSE) !== 0 &&
    message.readUInt16BE(4) === 1 &&
    message.subarray(HEADER_BYTES, end).equals(question.bytes)
  );
}

/** Whether the answer was cut to fit a datagram. */
export const isTruncated = (message: Buffer): boolean => (message.readUInt16BE(2) & 0x0200) !== 0;
