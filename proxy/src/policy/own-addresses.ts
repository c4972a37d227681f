import { networkInterfaces } from "node:os";
import { canonicalAddress, unmapped } from "./address.ts";

const REFRESH_MS = 10_000;

/** The addresses of the relay itself: of its interfaces, and those by which the world knows it. */
export class OwnAddresses {
  readonly #configured: readonly string[];
  #addresses = new Set<string>();
  #ports = new Set<number>();
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(configured: readonly string[]) {
    this.#configured = configured;
  }

  setListeningPorts(ports: readonly number[]): void {
    this.#ports = new Set(ports);
  }

  includes(address: string): boolean {
    const now = performance.now();
    if (now - this.#readAt > REFRESH_MS) {
      this.#addresses = new Set([...this.#configured, ...interfaceAddresses()].map((each) => unmapped(each)));
      this.#readAt = now;
    }
    return this.#addresses.has(unmapped(address));
  }

  /** Whether the relay listens there. Loopback and unspecified addresses always lead to it. */
  isListening(address: string, port: number): boolean {
    if (!this.#ports.has(port)) return false;
    const plain = unmapped(address);
    return plain.startsWith("127.") || plain === "0.0.0.0" || plain === "::1" || plain === "::" || this.includes(plain);
  }
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ address }) => canonicalAddress(address.replace(/%.*$/, "")) ?? []);
}
