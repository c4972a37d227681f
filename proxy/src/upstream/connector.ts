import type { Socket } from "node:net";
import { withDeadline } from "../deadline.ts";
import { type NameResolver, nameTimeout } from "../dns/resolver.ts";
import { StreamError } from "../errors.ts";
import type { Semaphore } from "../limits/semaphore.ts";
import type { Host } from "../policy/host.ts";
import type { Policy } from "../policy/policy.ts";
import type { Dial, Receive } from "./dial.ts";

/** The most addresses of one name that are tried, one after the other. */
const MAX_ATTEMPTS = 3;

export interface ConnectorOptions {
  readonly policy: Policy;
  readonly resolver: NameResolver;
  readonly dial: Dial;
  readonly nameTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

/** Goes from a host to a connected socket: resolve, check every address, connect to one that was checked. */
export class Connector {
  readonly #options: ConnectorOptions;

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** The checked addresses of a host. `lookups` bounds how many names one client has looked up at a time. @throws StreamError */
  async addresses(
    host: Host,
    port: number,
    protocol: "tcp" | "udp",
    lookups: Semaphore,
    signal: AbortSignal,
  ): Promise<string[]> {
    const { policy, resolver } = this.#options;
    const found =
      host.type === "address"
        ? [host.address]
        : await withDeadline(signal, this.#options.nameTimeoutMs, nameTimeout, (bounded) =>
            // WHY: what waits for its turn counts as well.
            lookups.run(bounded, () => resolver.resolve(host.name, bounded)),
          );
    return policy.checkAddresses(found, port, protocol);
  }

  /** Connects to the first of the addresses that answers. @throws StreamError the first one's failure */
  async connect(addresses: readonly string[], port: number, receive: Receive, signal: AbortSignal): Promise<Socket> {
    const deadline = performance.now() + this.#options.connectTimeoutMs;
    const attempts = addresses.slice(0, MAX_ATTEMPTS);
    let failure: unknown = null;
    for (const [index, address] of attempts.entries()) {
      const timeoutMs = (deadline - performance.now()) / (attempts.length - index);
      try {
        return await this.#options.dial(address, port, { timeoutMs, signal, receive });
      } catch (error) {
        if (signal.aborted) throw error;
        if (index === 0) failure = error;
      }
    }
    throw failure ?? new StreamError("name-unresolved", "the name has no address");
  }
}
