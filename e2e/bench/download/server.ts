/** What both machines download from: an HTTP server, and wisp-js's relay in front of it. A process of its own, ended with its parent. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { logging, server as wisp } from "@mercuryworkshop/wisp-js/server";
import { receiveAll, repeated, sendAll } from "../../support/bulk.ts";

/** The address that the guests connect to. WHY not the loopback's: that is the guest's own. */
export const ADDRESS = "203.0.113.80";

const PIECE = Buffer.alloc(64 * 1024, "the same bytes for everybody, ");

const connect = Socket.prototype.connect as (this: Socket, options: { host?: string }, ...rest: unknown[]) => Socket;
Socket.prototype.connect = function (this: Socket, options: { host?: string }, ...rest: unknown[]): Socket {
  return connect.call(this, options.host === ADDRESS ? { ...options, host: "127.0.0.1" } : options, ...rest);
} as typeof Socket.prototype.connect;

const files = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "PUT") {
    response.end(String(await receiveAll(request)));
    return;
  }
  const size = Number(request.url?.slice(1));
  response.setHeader("Content-Length", size);
  await sendAll(response, repeated(PIECE, size));
  response.end();
}

logging.set_level(logging.NONE);
Object.assign(wisp.options, { allow_loopback_ips: true, allow_private_ips: true });
const relay = createServer((_request, response) => void response.writeHead(404).end());
relay.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
  wisp.routeRequest(request, socket, head);
});

const listen = (server: ReturnType<typeof createServer>) =>
  new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
process.on("disconnect", () => process.exit(0));
process.send?.({ files: await listen(files), relay: await listen(relay) });
