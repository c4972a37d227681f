import { SOCKET_CLOSE } from "../wisp/index.ts";
import type { RelayAddress } from "./relay-address.ts";
import type { OpenSocket } from "./socket.ts";
import { fetchTicket } from "./ticket.ts";
import { type RelayAbilities, WispConnection } from "./wisp-connection.ts";

/** Where the way to the relay stands. */
export type RelayState =
  /** No relay is wanted. */
  | { readonly state: "off" }
  | { readonly state: "connecting" }
  | { readonly state: "online"; readonly abilities: RelayAbilities }
  /** The relay does not want us. `retryInMs`: when it is asked again; `null`: when another relay or token is given. */
  | { readonly state: "refused"; readonly code: string; readonly reason: string; readonly retryInMs: number | null }
  /** It cannot be reached, or the connection was lost. */
  | { readonly state: "lost"; readonly reason: string; readonly retryInMs: number };

/** What the link needs. */
export interface LinkHost {
  readonly openSocket: OpenSocket;
  /** The token for the relay, fresh; `null`: none. `isFinal`: a refusal of it will not change by asking again. */
  credentials(signal: AbortSignal): Promise<{ readonly token: string | null; readonly isFinal: boolean }>;
  changed(state: RelayState): void;
  overrun(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const REFUSED_PAUSE_MS = 30_000;
const TICKET_MS = 15_000;
/** A connection that lasted this long was a good one: the next is tried at once. */
const GOOD_MS = 10_000;

/** Keeps a connection to the relay. */
export class RelayLink {
  readonly #host: LinkHost;
  #address: RelayAddress | null = null;
  #state: RelayState = { state: "off" };
  #connection: WispConnection | null = null;
  #attempt: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #onlineAt = 0;
  #offersV2 = true;
  #waiting: (() => void)[] = [];

  constructor(host: LinkHost) {
    this.#host = host;
  }

  get state(): RelayState {
    return this.#state;
  }

  /** The connection; `null` when it is not online. */
  get connection(): WispConnection | null {
    return this.#connection?.isOnline ? this.#connection : null;
  }

  /** Connects to a relay, or to none. What is connected is given up. */
  use(address: RelayAddress | null): void {
    this.#stop();
    this.#address = address;
    this.#offersV2 = true;
    this.#pauseMs = FIRST_PAUSE_MS;
    if (address) this.#connect(address);
    else this.#enter({ state: "off" });
  }

  /** Resolves when it is known whether there is a connection, after `timeoutMs` at the latest. */
  settled(timeoutMs: number): Promise<void> {
    if (this.#state.state !== "connecting") return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((each) => each !== done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.push(done);
    });
  }

  close(): void {
    this.#stop();
    this.#state = { state: "off" };
    for (const waiting of this.#waiting) waiting();
  }

  #connect(address: RelayAddress): void {
    this.#timer = null;
    this.#enter({ state: "connecting" });
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#try(address, attempt.signal).catch((error) => {
      if (!attempt.signal.aborted) this.#lost(error instanceof Error ? error.message : String(error));
    });
  }

  async #try({ socketUrl, ticketUrl }: RelayAddress, signal: AbortSignal): Promise<void> {
    let url = socketUrl;
    let hasTicket = false;
    if (ticketUrl !== null) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(TICKET_MS)]);
      const { token, isFinal } = await this.#host.credentials(limit);
      signal.throwIfAborted();
      const answer = await fetchTicket(ticketUrl, socketUrl, token, limit);
      signal.throwIfAborted();
      if (answer.kind === "refused") {
        this.#refused(answer.code, answer.reason, answer.retryAfterMs, isFinal);
        return;
      }
      if (answer.kind === "ticket") {
        url = answer.socketUrl;
        hasTicket = true;
      }
    }
    // Who gives tickets knows version 2.
    const offeredV2 = hasTicket || this.#offersV2;
    this.#connection = new WispConnection(this.#host.openSocket, url, offeredV2, {
      online: (abilities) => {
        this.#onlineAt = Date.now();
        this.#enter({ state: "online", abilities });
      },
      closed: (code, reason, wasOnline) => {
        this.#connection = null;
        const isUnknownToIt = !wasOnline && !hasTicket && code !== SOCKET_CLOSE.LIMIT;
        if (isUnknownToIt) this.#offersV2 = !offeredV2;
        // A server that knows version 1 only does not choose a subprotocol, which ends the connection.
        if (isUnknownToIt && offeredV2 && this.#address) this.#connect(this.#address);
        else this.#closed(code, reason, wasOnline);
      },
      overrun: () => this.#host.overrun(),
    });
  }

  #closed(code: number, reason: string, wasOnline: boolean): void {
    const text = reason || `the connection ended with code ${code}`;
    if (code === SOCKET_CLOSE.LIMIT) {
      this.#refused("limit-connections", text, null, false);
      return;
    }
    if (wasOnline && Date.now() - this.#onlineAt > GOOD_MS) this.#pauseMs = FIRST_PAUSE_MS;
    this.#lost(text);
  }

  #refused(code: string, reason: string, retryAfterMs: number | null, isFinal: boolean): void {
    const isForGood = isFinal && /^(token|origin|subject)-/.test(code);
    const retryInMs = isForGood ? null : (retryAfterMs ?? REFUSED_PAUSE_MS);
    this.#enter({ state: "refused", code, reason, retryInMs });
    if (retryInMs !== null) this.#retry(retryInMs);
  }

  #lost(reason: string): void {
    // WHY not the same for all: those who lost a relay together must not come back together.
    const retryInMs = Math.round(this.#pauseMs * (0.5 + Math.random() / 2));
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    this.#enter({ state: "lost", reason, retryInMs });
    this.#retry(retryInMs);
  }

  #retry(inMs: number): void {
    const address = this.#address;
    if (address) this.#timer = setTimeout(() => this.#connect(address), inMs);
  }

  #stop(): void {
    this.#attempt?.abort();
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #enter(state: RelayState): void {
    this.#state = state;
    if (state.state !== "connecting") {
      for (const waiting of this.#waiting) waiting();
      this.#waiting = [];
    }
    this.#host.changed(state);
  }
}
