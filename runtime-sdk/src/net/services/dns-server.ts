import { formatIpv4, type Ipv4, parseIpv4 } from "../packet/addresses.ts";
import {
  answersOf,
  badAnswer,
  DNS_TYPE,
  encodeName,
  plainAnswer,
  type Question,
  RCODE,
  rcodeOf,
  readQuestion,
  recordAnswer,
  truncatedAnswer,
} from "./dns-message.ts";
import type { NameTable } from "./name-table.ts";

export const DNS_PORT = 53;
const TTL_SECONDS = 60;
/** For how long a name that the relay's resolver knows is not asked for again. */
const KNOWN_MS = 60_000;
const MAX_KNOWN = 1024;
/** Questions under way. A guest that asks more at once asks again. */
const MAX_PENDING = 256;

/** What the DNS server needs of the relay. */
export interface Resolver {
  /**
   * Resolves when names can be resolved by the relay, or it is known that they cannot: `"resolver"`: it has a resolver to ask; `"none"`: it takes
   * names and has none; `"off"`: there is no relay.
   */
  ready(): Promise<"resolver" | "none" | "off">;
  /** Asks the relay's resolver. Rejects when there is no answer. */
  resolve(message: Uint8Array): Promise<Uint8Array>;
}

/** Answers the guest's questions to the DNS. */
export class DnsServer {
  readonly #names: NameTable;
  readonly #resolver: Resolver;
  readonly #gateway: Ipv4;
  /** Names that exist, and until when that is believed. */
  readonly #known = new Map<string, number>();
  #pending = 0;

  constructor(names: NameTable, resolver: Resolver, gateway: Ipv4) {
    this.#names = names;
    this.#resolver = resolver;
    this.#gateway = gateway;
  }

  /** Forgets what the relay's resolver has said. */
  forget(): void {
    this.#known.clear();
  }

  /** The answer to a datagram; `null`: it gets none. */
  async answerDatagram(query: Uint8Array): Promise<Uint8Array | null> {
    const message = await this.answer(query);
    const question = readQuestion(query);
    if (!message || !question || question === "bad" || message.byteLength <= question.limit) return message;
    return truncatedAnswer(question, rcodeOf(message) ?? RCODE.OK);
  }

  /** The answer to a message of any length; `null`: it gets none. */
  async answer(query: Uint8Array): Promise<Uint8Array | null> {
    const question = readQuestion(query);
    if (question === null) return null;
    if (question === "bad") return badAnswer(query);
    if (this.#pending >= MAX_PENDING) return plainAnswer(question, RCODE.SERVER_FAILURE);
    this.#pending++;
    try {
      return (this.#local(question) ?? (await this.#remote(question, query))) as Uint8Array;
    } catch {
      return plainAnswer(question, RCODE.SERVER_FAILURE);
    } finally {
      this.#pending--;
    }
  }

  /** What is known without the relay. */
  #local(question: Question): Uint8Array | null {
    const { name, type } = question;
    if (name === null) return isAddressType(type) ? plainAnswer(question, RCODE.NO_SUCH_NAME) : null;
    if (type === DNS_TYPE.PTR && name.endsWith(".in-addr.arpa")) return this.#reverse(question, name);
    if (!isAddressType(type)) return null;
    if (name === "localhost" || name.endsWith(".localhost"))
      return type === DNS_TYPE.A ? recordAnswer(question, TTL_SECONDS, u32(0x7f000001)) : plainAnswer(question, 0);
    // A name of one label, or of addresses, is none of the internet's.
    const isNone = !name.includes(".") || /(^|\.)[0-9]+$/.test(name) || /\.(local|internal|invalid)$/.test(name);
    return isNone ? plainAnswer(question, RCODE.NO_SUCH_NAME) : null;
  }

  async #remote(question: Question, query: Uint8Array): Promise<Uint8Array> {
    const { name, type } = question;
    const relay = await this.#resolver.ready();
    if (relay === "off") return plainAnswer(question, RCODE.SERVER_FAILURE);
    // They would have addresses that are not the guest's business: it connects by name.
    if (type === DNS_TYPE.AAAA || type === DNS_TYPE.HTTPS || type === DNS_TYPE.SVCB) {
      if (relay === "none" || this.#isKnown(name)) return plainAnswer(question, RCODE.OK);
      return plainAnswer(question, await this.#ask(question));
    }
    if (type !== DNS_TYPE.A) {
      if (relay === "none") return plainAnswer(question, RCODE.NOT_IMPLEMENTED);
      return withId(await this.#resolver.resolve(query), query);
    }
    if (relay === "resolver" && !this.#isKnown(name)) {
      const answer = await this.#resolver.resolve(query);
      const rcode = rcodeOf(answer) ?? RCODE.SERVER_FAILURE;
      if (rcode !== RCODE.OK || answersOf(answer) === 0) return plainAnswer(question, rcode);
      this.#note(name as string);
    }
    const address = this.#names.addressOf(name as string);
    return address === null
      ? plainAnswer(question, RCODE.SERVER_FAILURE)
      : recordAnswer(question, TTL_SECONDS, u32(address));
  }

  /** Whether there is such a name at all: its A records are asked for. */
  async #ask({ head, name }: Question): Promise<number> {
    const query = head.slice();
    query[10] = 0;
    query[11] = 0;
    query[query.byteLength - 4] = 0;
    query[query.byteLength - 3] = DNS_TYPE.A;
    const answer = await this.#resolver.resolve(query);
    const rcode = rcodeOf(answer) ?? RCODE.SERVER_FAILURE;
    if (rcode === RCODE.OK && answersOf(answer) > 0 && name !== null) this.#note(name);
    return rcode;
  }

  #reverse(question: Question, name: string): Uint8Array {
    const text = name.slice(0, -".in-addr.arpa".length).split(".").reverse().join(".");
    const address = parseIpv4(text);
    const found =
      address === null ? null : address === this.#gateway ? "gateway.warmboot.internal" : this.#names.nameOf(address);
    return found === null
      ? plainAnswer(question, RCODE.NO_SUCH_NAME)
      : recordAnswer(question, TTL_SECONDS, encodeName(found));
  }

  #isKnown(name: string | null): boolean {
    return name !== null && (this.#known.get(name) ?? 0) > Date.now();
  }

  #note(name: string): void {
    this.#known.delete(name);
    this.#known.set(name, Date.now() + KNOWN_MS);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(oldest);
    }
  }
}

function isAddressType(type: number): boolean {
  return ([DNS_TYPE.A, DNS_TYPE.AAAA, DNS_TYPE.HTTPS, DNS_TYPE.SVCB] as number[]).includes(type);
}

function withId(answer: Uint8Array, query: Uint8Array): Uint8Array {
  const message = answer.slice();
  message.set(query.subarray(0, 2));
  return message;
}

function u32(value: number): Uint8Array {
  return Uint8Array.from(formatIpv4(value).split("."), Number);
}
