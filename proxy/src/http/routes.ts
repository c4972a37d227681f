import type { IncomingMessage, ServerResponse } from "node:http";
import type { Tickets } from "../auth/tickets.ts";
import type { Identity, TokenVerifier } from "../auth/tokens.ts";
import { Refusal } from "../errors.ts";
import type { Admission } from "../limits/admission.ts";
import type { RelayMetrics } from "../metrics.ts";
import type { AddressRanges } from "../policy/address.ts";
import { clientAddress } from "./client-address.ts";
import type { Origins } from "./origins.ts";
import { reply } from "./reply.ts";

export interface RoutesOptions {
  readonly admission: Admission;
  /** `null`: clients are anonymous. */
  readonly tokens: TokenVerifier | null;
  readonly tickets: Tickets;
  readonly origins: Origins;
  readonly trustedProxies: AddressRanges;
  readonly metrics: RelayMetrics;
  isDraining(): boolean;
}

const WISP_PATH = "/wisp/";
const TICKET_IN_PATH = /^\/wisp\/([\w.-]+)\/$/;

/** What is at which path. */
export class Routes {
  readonly #options: RoutesOptions;

  constructor(options: RoutesOptions) {
    this.#options = options;
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (request.url) {
      case "/health":
        return this.#read(request, response, 200, { status: "ok" });
      case "/ready":
        return this.#options.isDraining()
          ? this.#read(request, response, 503, { status: "draining" })
          : this.#read(request, response, 200, { status: "ready" });
      case "/ticket":
        return await this.#ticket(request, response);
      case WISP_PATH:
        throw new Refusal("upgrade-required", "this is the address of a WebSocket");
      default:
        throw new Refusal("not-found", "there is nothing here");
    }
  }

  /** Who wants to upgrade. @throws Refusal */
  async upgrade(request: IncomingMessage): Promise<{ identity: Identity; address: string }> {
    const { admission, tickets, origins, tokens } = this.#options;
    const address = this.#clientOf(request);
    if (request.method !== "GET" || request.headers.upgrade?.toLowerCase() !== "websocket")
      throw new Refusal("bad-request", "only an upgrade to WebSocket is known");
    const ticket = TICKET_IN_PATH.exec(request.url ?? "")?.[1];
    if (ticket === undefined && request.url !== WISP_PATH) throw new Refusal("not-found", "there is nothing here");
    this.#refuseWhenDraining();
    await admission.attempt(address);
    origins.check(request.headers.origin);
    if (ticket === undefined && tokens) throw new Refusal("token-missing", "a ticket is needed: POST /ticket");
    const identity = ticket === undefined ? admission.anonymous(address) : await tickets.verify(ticket);
    // WHY: a ticket of a time when clients were anonymous is no proof now.
    if (identity.anonymous !== (tokens === null)) throw new Refusal("token-invalid", "the ticket is not valid here");
    await this.#refuseWhenRevoked(identity);
    return { identity, address };
  }

  async #ticket(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { admission, tickets, tokens, origins, metrics } = this.#options;
    const { origin } = request.headers;
    for (const [name, value] of Object.entries(origins.corsHeaders(origin))) response.setHeader(name, value);
    const address = this.#clientOf(request);
    await admission.attempt(address);
    origins.check(origin);
    if (request.method === "OPTIONS") {
      response.writeHead(204, { "Content-Length": 0 });
      response.end();
      return;
    }
    if (request.method !== "POST") throw new Refusal("method-not-allowed", "a ticket is got by POST");
    this.#refuseWhenDraining();
    const identity = tokens ? await tokens.verify(request.headers.authorization) : admission.anonymous(address);
    await this.#refuseWhenRevoked(identity);
    await admission.countTicket(identity);
    const ticket = await tickets.issue(identity);
    metrics.ticketGiven();
    const { connections, streamsPerConnection, connectsPerMinute, downBytesPerSecond, upBytesPerSecond } =
      admission.limits(identity);
    reply(request, response, 200, {
      ticket,
      expiresInSeconds: tickets.lifetimeSeconds,
      path: `${WISP_PATH}${ticket}/`,
      limits: { connections, streamsPerConnection, connectsPerMinute, downBytesPerSecond, upBytesPerSecond },
    });
  }

  #read(request: IncomingMessage, response: ServerResponse, status: number, body: unknown): void {
    if (request.method !== "GET" && request.method !== "HEAD")
      throw new Refusal("method-not-allowed", "it can only be read");
    reply(request, response, status, body);
  }

  #clientOf(request: IncomingMessage): string {
    return clientAddress(request, this.#options.trustedProxies);
  }

  #refuseWhenDraining(): void {
    if (this.#options.isDraining()) throw new Refusal("draining", "the relay is being restarted", 5);
  }

  async #refuseWhenRevoked(identity: Identity): Promise<void> {
    if (await this.#options.admission.isRevoked(identity))
      throw new Refusal("subject-denied", "the access of this subject or token was taken back");
  }
}
