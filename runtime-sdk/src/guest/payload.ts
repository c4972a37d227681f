import { LinkBrokenError } from "../errors/index.ts";
import { LIMIT, SPAWN } from "./wire.gen.ts";

/** What the agent is asked to start; see "Process request" in docs/guest-link.md. */
export interface SpawnRequest {
  readonly argv: readonly string[];
  /** Variables that override the defaults. */
  readonly env: Readonly<Record<string, string>>;
  /** Empty: the user's home. */
  readonly cwd: string;
  /** Empty: root. */
  readonly user: string;
  readonly pty: { readonly cols: number; readonly rows: number } | null;
  readonly stdinNull: boolean;
  readonly clearEnv: boolean;
  readonly login: boolean;
  /** Bytes the agent may send before the first credit. */
  readonly stdoutCredit: number;
  readonly stderrCredit: number;
}

const utf8 = new TextEncoder();

/** Encodes a process request. It may be longer than one frame's payload. */
export function encodeSpawnRequest(request: SpawnRequest): Uint8Array {
  const env = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
  const strings = [request.user, request.cwd].map((text) => utf8.encode(text));
  const argv = request.argv.map((text) => utf8.encode(text));
  const variables = env.map((text) => utf8.encode(text));
  const size = [...strings, ...argv, ...variables].reduce((sum, bytes) => sum + 4 + bytes.length, 16 + 8);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const u32 = (value: number) => {
    view.setUint32(at, value, true);
    at += 4;
  };
  const string = (value: Uint8Array) => {
    u32(value.length);
    bytes.set(value, at);
    at += value.length;
  };
  u32(
    (request.pty ? SPAWN.PTY : 0) |
      (request.stdinNull ? SPAWN.STDIN_NULL : 0) |
      (request.clearEnv ? SPAWN.CLEAR_ENV : 0) |
      (request.login ? SPAWN.LOGIN : 0),
  );
  view.setUint16(at, request.pty?.cols ?? 0, true);
  view.setUint16(at + 2, request.pty?.rows ?? 0, true);
  at += 4;
  u32(request.stdoutCredit);
  u32(request.stderrCredit);
  for (const value of strings) string(value);
  u32(argv.length);
  for (const value of argv) string(value);
  u32(variables.length);
  for (const value of variables) string(value);
  return bytes;
}

/** HELLO: the clock in ns since 1970 and bytes for the random pool. */
export function encodeHello(version: number, nowNs: bigint, seed: Uint8Array): Uint8Array {
  if (seed.length > LIMIT.SEED_BYTES) throw new RangeError(`a seed has at most ${LIMIT.SEED_BYTES} bytes`);
  const bytes = new Uint8Array(12 + seed.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, version, true);
  view.setUint16(2, seed.length, true);
  view.setBigUint64(4, nowNs, true);
  bytes.set(seed, 12);
  return bytes;
}

/** Bytes of a machine-id, see machine-id(5). */
const MACHINE_ID_BYTES = 16;
const MAC_BYTES = 6;

/** IDENTITY: 16 bytes for the machine-id and 6 for the MAC address, of which a bit says that it is no vendor's. */
export function encodeIdentity(random: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(MACHINE_ID_BYTES + MAC_BYTES + 2);
  bytes.set(random.subarray(0, MACHINE_ID_BYTES + MAC_BYTES));
  // IEEE 802: the bit of the first byte with value 2 is set in a locally administered address, that with value 1 in a group's.
  bytes[MACHINE_ID_BYTES] = ((bytes[MACHINE_ID_BYTES] ?? 0) & 0xfc) | 2;
  return bytes;
}

export function encodeU64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

export function encodeCredit(stream: number, amount: number): Uint8Array {
  const bytes = new Uint8Array(8);
  bytes[0] = stream;
  new DataView(bytes.buffer).setUint32(4, amount, true);
  return bytes;
}

export function encodeSignal(signal: number, target: number): Uint8Array {
  return Uint8Array.of(signal, target, 0, 0);
}

export function encodeResize(cols: number, rows: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, cols, true);
  view.setUint16(2, rows, true);
  return bytes;
}

/** ATTACH: bytes of output that may come, and the terminal's size. */
export function encodeAttach(credit: number, cols: number, rows: number): Uint8Array {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setUint32(0, credit, true);
  bytes.set(encodeResize(cols, rows), 4);
  return bytes;
}

/** A terminal that the agent kept for a new host. */
export interface KeptTerminal {
  readonly channel: number;
  readonly pid: number;
  /** Bytes that may be sent to it. */
  readonly stdinCredit: number;
  readonly cols: number;
  readonly rows: number;
}

/** The rest of RESET_DONE after the nonce. */
export function decodeTerminals(reader: PayloadReader): KeptTerminal[] {
  const terminals: KeptTerminal[] = [];
  while (reader.left > 0) {
    const [channel, pid, stdinCredit] = [reader.u32(), reader.u32(), reader.u32()];
    terminals.push({ channel, pid, stdinCredit, cols: reader.u16(), rows: reader.u16() });
  }
  return terminals;
}

/** Reads the fields of one payload in order; anything missing breaks the link instead of reading past the end. */
export class PayloadReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  #take(size: number): number {
    const at = this.#at;
    if (at + size > this.#bytes.length)
      throw new LinkBrokenError(`${this.#what} of ${this.#bytes.length} bytes is too short`);
    this.#at += size;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }
  /** Bytes that are not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }
  /** The bytes of a string: u32 length, bytes. */
  string(): Uint8Array {
    const length = this.u32();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }
  /** The rest as UTF-8 text; bytes that are not UTF-8 become U+FFFD. */
  text(): string {
    return new TextDecoder().decode(this.#bytes.subarray(this.#at));
  }
}
