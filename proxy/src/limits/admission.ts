import { randomUUID } from "node:crypto";
import type { Revocations } from "../auth/revocations.ts";
import type { Identity } from "../auth/tokens.ts";
import type { Config } from "../config/schema.ts";
import { Refusal } from "../errors.ts";
import { addressGroup } from "../policy/address.ts";
import type { Session } from "../session.ts";
import type { Leases } from "./leases.ts";
import type { Rates } from "./rates.ts";
import { Subjects } from "./subjects.ts";

export interface AdmissionOptions {
  readonly config: Config;
  readonly rates: Rates;
  readonly leases: Leases;
  /** All must agree. */
  readonly revocations: readonly Revocations[];
  /** A list of revocations could not be read. */
  readonly onUnknownRevocation: (error: unknown) => void;
}

type ClientLimits = Config["limits"]["subject"];

/** A session that was let in, and how it is given back. */
export interface Admitted {
  readonly session: Session;
  readonly identity: Identity;
  release(): void;
}

/** Lets clients in, as far as the limits go. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #subjects = new Subjects();
  #connections = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  limits({ anonymous }: Identity): ClientLimits {
    const { subject, anonymous: nobody } = this.#options.config.limits;
    return anonymous ? nobody : subject;
  }

  /** Who a client is when clients are anonymous: its address. */
  anonymous(clientAddress: string): Identity {
    return { subject: `anonymous:${addressGroup(clientAddress)}`, tokenId: null, expiresAt: null, anonymous: true };
  }

  /** Counts a request of an address, before anything is known of it. @throws Refusal limit-attempts */
  async attempt(clientAddress: string): Promise<void> {
    const { rates, config } = this.#options;
    const wait = await rates.consume("attempts", addressGroup(clientAddress), config.limits.address.attemptsPerMinute);
    if (wait > 0) throw new Refusal("limit-attempts", "too many requests from this address", wait);
  }

  /** @throws Refusal limit-tickets */
  async countTicket(identity: Identity): Promise<void> {
    const wait = await this.#options.rates.consume("tickets", identity.subject, this.limits(identity).ticketsPerMinute);
    if (wait > 0) throw new Refusal("limit-tickets", "too many tickets in one minute", wait);
  }

  /** Whether the identity was revoked. What is not known now is not held against it. */
  async isRevoked(identity: Identity): Promise<boolean> {
    for (const revocations of this.#options.revocations) {
      try {
        if (await revocations.isRevoked(identity)) return true;
      } catch (error) {
        this.#options.onUnknownRevocation(error);
      }
    }
    return false;
  }

  /** Takes a place for a connection. @throws Refusal limit-connections */
  async admit(identity: Identity, clientAddress: string): Promise<Admitted> {
    const { config, leases, rates } = this.#options;
    const limits = this.limits(identity);
    const { subject } = identity;
    const id = randomUUID();
    if (this.#connections >= config.limits.connections)
      throw new Refusal("limit-connections", "the relay is full; try again later", 10);
    this.#connections++;
    try {
      if (!(await leases.acquire(subject, id, limits.connections)))
        throw new Refusal("limit-connections", `no more than ${limits.connections} connections at a time`, 10);
    } catch (error) {
      this.#connections--;
      throw error;
    }
    const share = this.#subjects.hold(subject, { ...limits, lookups: config.dns.concurrency });
    const session: Session = {
      id,
      subject,
      clientAddress,
      expiresAt: identity.expiresAt,
      maxStreams: limits.streamsPerConnection,
      ...share,
      mayConnect: async () => (await rates.consume("connects", subject, limits.connectsPerMinute)) === 0,
      mayAsk: async () => (await rates.consume("names", subject, limits.namesPerMinute)) === 0,
    };
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      this.#connections--;
      this.#subjects.release(subject);
      leases.release(subject, id);
    };
    return { session, identity, release };
  }
}
