import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";
import { withDeadline } from "../deadline.ts";
import { isPublicAddress } from "../policy/address.ts";
import { parseName } from "../policy/host.ts";
import type { Policy } from "../policy/policy.ts";
import type { Forwarder } from "./forwarder.ts";
import { encodeAnswer, type Question, RCODE, RECORD_TYPE, type RecordTypeName } from "./message.ts";
import { type NameResolver, nameTimeout } from "./resolver.ts";

export interface NameServiceOptions {
  readonly policy: Policy;
  readonly resolver: NameResolver;
  readonly forwarder: Pick<Forwarder, "ask">;
  readonly types: readonly RecordTypeName[];
  readonly timeoutMs: number;
}

/** Answers the guests' questions: addresses by the relay's own lookups and rules, other types by the name servers. */
export class NameService {
  readonly #options: NameServiceOptions;
  readonly #types: ReadonlySet<number>;

  constructor(options: NameServiceOptions) {
    this.#options = options;
    this.#types = new Set(options.types.map((name) => RECORD_TYPE[name]));
  }

  /** The answer, whatever happens. @throws what `signal` was aborted with */
  async answer(question: Question, signal: AbortSignal): Promise<Buffer> {
    const { policy } = this.#options;
    if (!this.#types.has(question.type)) return encodeAnswer(question, RCODE.REFUSED);
    // WHY: no such name can be on the internet; saying so lets the guest go on, where REFUSED makes it ask again.
    const name = question.name === null ? null : parseName(question.name);
    if (name === null) return encodeAnswer(question, RCODE.NXDOMAIN);
    if (!policy.allowsName(name) || isPrivateReverse(name)) return encodeAnswer(question, RCODE.REFUSED);
    try {
      return await withDeadline(signal, this.#options.timeoutMs, nameTimeout, (bounded) =>
        question.type === RECORD_TYPE.A || question.type === RECORD_TYPE.AAAA
          ? this.#addresses(question, name, bounded)
          : this.#options.forwarder.ask(question, bounded),
      );
    } catch {
      signal.throwIfAborted();
      return encodeAnswer(question, RCODE.SERVFAIL);
    }
  }

  async #addresses(question: Question, name: string, signal: AbortSignal): Promise<Buffer> {
    const { policy, resolver } = this.#options;
    const answers = await resolver.lookUp(name, question.type === RECORD_TYPE.A ? 4 : 6, signal);
    if (answers === null) return encodeAnswer(question, RCODE.NXDOMAIN);
    // WHY: a name that leads inside is not reachable; an answer would only tell what is there.
    if (!answers.every(({ address }) => policy.allowsAnswer(address))) return encodeAnswer(question, RCODE.REFUSED);
    const records = answers.map(({ address, ttlSeconds }) => ({
      type: question.type,
      ttlSeconds,
      data: Uint8Array.from(ipaddr.parse(address).toByteArray()),
    }));
    return encodeAnswer(question, RCODE.NOERROR, records);
  }
}

/** Whether the name asks who has an address that is not public, or only for a part of an address. */
export function isPrivateReverse(name: string): boolean {
  if (name.endsWith(".in-addr.arpa")) {
    const address = name.slice(0, -".in-addr.arpa".length).split(".").reverse().join(".");
    return !isIPv4(address) || !isPublicAddress(address);
  }
  if (name.endsWith(".ip6.arpa")) {
    const nibbles = name.slice(0, -".ip6.arpa".length).split(".").reverse();
    if (nibbles.length !== 32 || !nibbles.every((nibble) => /^[0-9a-f]$/.test(nibble))) return true;
    return !isPublicAddress(nibbles.join("").replace(/(.{4})(?!$)/g, "$1:"));
  }
  return false;
}
