import { readFileSync } from "node:fs";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Config } from "../config/schema.ts";
import { Refusal } from "../errors.ts";
import { type AddressRanges, addressGroup, unmapped } from "../policy/address.ts";
import { refusalBody, reply, replyToUpgrade, retryAfter } from "./reply.ts";

const MAX_HEADER_BYTES = 16 * 1024;
const KEEP_ALIVE_MS = 5000;
const CHECK_INTERVAL_MS = 1000;

export interface FrontHandlers {
  request(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** A request was refused. */
  onRefused(refusal: Refusal): void;
  /** The relay's own mistake. */
  onError(error: unknown): void;
}

/** The server that faces the internet: bounded headers, bounded times, bounded sockets of one address. */
export function createFront(config: Config, trusted: AddressRanges, handlers: FrontHandlers): Server {
  const { tls } = config.listen;
  const headersMs = config.timeouts.headersSeconds * 1000;
  const options: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: headersMs,
    requestTimeout: headersMs,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server: Server = tls
    ? createHttpsServer({
        ...options,
        handshakeTimeout: headersMs,
        minVersion: "TLSv1.2",
        cert: readFileSync(tls.certFile),
        key: readFileSync(tls.keyFile),
      })
    : createHttpServer(options);
  boundSockets(server, config.limits.address.sockets, trusted);
  server.on("request", (request, response) => {
    handlers.request(request, response).catch((error: unknown) => {
      const refusal = asRefusal(error, handlers);
      if (response.headersSent) response.destroy();
      else reply(request, response, refusal.status, refusalBody(refusal), retryAfter(refusal));
    });
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    handlers
      .upgrade(request, socket, head)
      .catch((error: unknown) => replyToUpgrade(socket, asRefusal(error, handlers)));
  });
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", () => socket.destroy());
    else socket.destroy();
  });
  return server;
}

function asRefusal(error: unknown, handlers: FrontHandlers): Refusal {
  const refusal = error instanceof Refusal ? error : new Refusal("unavailable", "the relay failed");
  if (refusal !== error) handlers.onError(error);
  handlers.onRefused(refusal);
  return refusal;
}

/** Sockets count from their first byte on, before there is a request that could be refused. */
function boundSockets(server: Server, most: number, trusted: AddressRanges): void {
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const address = unmapped(socket.remoteAddress ?? "");
    if (trusted.includes(address)) return;
    const group = addressGroup(address);
    const count = (open.get(group) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(group, count);
    socket.once("close", () => {
      const left = (open.get(group) ?? 1) - 1;
      if (left === 0) open.delete(group);
      else open.set(group, left);
    });
  });
}

/** New certificate files hold for new connections. */
export function reloadCertificate(server: Server, { tls }: Config["listen"]): void {
  if (!tls || !("setSecureContext" in server) || typeof server.setSecureContext !== "function") return;
  server.setSecureContext({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) });
}
