import { getU16, setU16 } from "../packet/packet.ts";
import type { DnsServer } from "../services/dns-server.ts";
import type { Connection } from "../tcp/connection.ts";
import type { Peer } from "../tcp/peer.ts";

const MAX_BUFFER = 64 * 1024 + 2;
/** Questions under way on one connection. */
const MAX_PENDING = 64;

/** The DNS server as the other side of a connection of the guest (RFC 7766). */
export class DnsPeer implements Peer {
  readonly #server: DnsServer;
  readonly #connection: () => Connection;
  readonly #flush: () => void;
  #buffer = new Uint8Array(0);
  #pending = 0;
  #isEnded = false;

  constructor(server: DnsServer, connection: () => Connection, flush: () => void) {
    this.#server = server;
    this.#connection = connection;
    this.#flush = flush;
  }

  get room(): number {
    return this.#pending >= MAX_PENDING ? 0 : MAX_BUFFER - this.#buffer.byteLength;
  }

  write(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#buffer.byteLength + bytes.byteLength);
    all.set(this.#buffer);
    all.set(bytes, this.#buffer.byteLength);
    let at = 0;
    while (all.byteLength - at >= 2) {
      const length = getU16(all, at);
      if (all.byteLength - at - 2 < length) break;
      void this.#answer(all.slice(at + 2, at + 2 + length));
      at += 2 + length;
    }
    this.#buffer = all.slice(at);
  }

  end(): void {
    this.#isEnded = true;
    this.#endIfDone();
  }

  taken(): void {}
  opened(): void {}
  aborted(): void {}
  finished(): void {}

  async #answer(query: Uint8Array): Promise<void> {
    this.#pending++;
    const answer = await this.#server.answer(query);
    this.#pending--;
    if (answer) {
      const framed = new Uint8Array(2 + answer.byteLength);
      setU16(framed, 0, answer.byteLength);
      framed.set(answer, 2);
      this.#connection().write(framed);
    }
    this.#connection().resume();
    this.#endIfDone();
    this.#flush();
  }

  #endIfDone(): void {
    if (this.#isEnded && this.#pending === 0) this.#connection().end(false);
  }
}
