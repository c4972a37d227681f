import { signal } from "@preact/signals";
import type { KernelSession, PortEvent } from "warmboot";

/** A port of the guest on which a program listens. */
export interface ListeningPort {
  readonly port: number;
  /** What it is bound to; several, if several sockets are. */
  readonly addresses: readonly string[];
  /** Name of the process; `null`: not known. */
  readonly process: string | null;
  readonly pid: number | null;
}

/** Enough for the guest to tell what is open. */
const ALL_TOLD_MS = 3000;
const LOOPBACK = /^(127\.|::1$)/;
/** The guest is reached by its IPv4 address; a socket for IPv6 may be for IPv4 as well. */
const isReachable = (address: string) => !LOOPBACK.test(address);

/** No server in the guest can be reached from outside of it at this port. */
export const isLoopbackOnly = ({ addresses }: ListeningPort): boolean => !addresses.some(isReachable);

/** On which ports of the machine programs listen. */
export class Listening {
  /** In the order of their numbers. */
  readonly ports = signal<readonly ListeningPort[]>([]);
  readonly #events = new Map<string, PortEvent>();
  #off: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #session: KernelSession | null = null;

  /** Follows a machine; `null`: none. `isWatched`: otherwise what was known last stays. */
  follow(session: KernelSession | null, isWatched: boolean): void {
    if (session !== this.#session) {
      this.#rest();
      this.#session = session;
      this.#events.clear();
      this.#show();
    }
    if (!session || !isWatched) this.#rest();
    else if (!this.#off) {
      // All that is open is told anew; what is not has been closed meanwhile.
      this.#events.clear();
      this.#off = session.on("port", (event) => this.#take(event));
      this.#timer = setTimeout(() => this.#show(), ALL_TOLD_MS);
    }
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#off?.();
    this.#off = null;
  }

  #take(event: PortEvent): void {
    const key = `${event.address} ${event.port}`;
    if (event.state === "listening") this.#events.set(key, event);
    else this.#events.delete(key);
    this.#show();
  }

  #show(): void {
    const ports = new Map<number, PortEvent[]>();
    for (const event of this.#events.values()) ports.set(event.port, [...(ports.get(event.port) ?? []), event]);
    this.ports.value = [...ports]
      .map(([port, events]) => ({
        port,
        addresses: events.map(({ address }) => address),
        process: events.find(({ process }) => process !== null)?.process ?? null,
        pid: events.find(({ pid }) => pid !== null)?.pid ?? null,
      }))
      .sort((one, other) => one.port - other.port);
  }
}
