/** What the network tests talk to, on this computer's loopback: a WISP server that is not ours, and servers behind it. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { logging, server as wisp } from "@mercuryworkshop/wisp-js/server";
import { digest, repeated, sendAll } from "../../../e2e/support/bulk.ts";

/** Where things are. */
export interface NetLab {
  /** The WISP server. */
  readonly relay: string;
  /** HTTP: `/bytes/N`, `/sha` (POST), `/hello`. */
  readonly http: number;
  /** Sends back what it gets. */
  readonly echo: number;
  /** Sends some bytes, then resets. */
  readonly reset: number;
  /** Sends one line and nothing more, for ever. */
  readonly silent: number;
  /** Nobody listens there. */
  readonly closed: number;
  /** HTTP, for the tests themselves: `/drop` breaks all WebSockets. */
  readonly control: string;
}

/** Byte `i` of every download. */
export function byteAt(i: number): number {
  return (i * 7 + (i >> 8) * 13) & 255;
}

const PATTERN = Buffer.from(Uint8Array.from({ length: 65536 }, (_, i) => byteAt(i)));

export async function startNetLab(): Promise<{ readonly lab: NetLab; close(): Promise<void> }> {
  const open = new Set<Socket | Duplex>();
  const servers: Server[] = [];
  const listen = async <T extends Server>(server: T): Promise<number> => {
    server.on("connection", (socket: Socket) => {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };

  const closing = createTcpServer();
  const closed = await listen(closing);
  closing.close();

  const sockets = new Set<Duplex>();
  const relayServer = createHttpServer((_request, response) => {
    response.writeHead(404, { "access-control-allow-origin": "*" }).end();
  });
  logging.set_level(logging.NONE);
  Object.assign(wisp.options, {
    allow_loopback_ips: true,
    allow_private_ips: true,
    dns_method: async (name: string) => {
      if (name.startsWith("missing.")) throw new Error("no such name");
      return "127.0.0.1";
    },
  });
  relayServer.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    wisp.routeRequest(request, socket, head);
  });
  const relayPort = await listen(relayServer);

  const control = createHttpServer((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    if (request.url === "/drop") for (const socket of sockets) socket.destroy();
    response.end(String(sockets.size));
  });
  const lab: NetLab = {
    relay: `ws://127.0.0.1:${relayPort}/`,
    closed,
    http: await listen(
      createHttpServer((request, response) => void answer(request, response).catch(() => response.destroy())),
    ),
    echo: await listen(createTcpServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket))),
    reset: await listen(
      createTcpServer((socket) => {
        socket.write("some bytes\n", () => setTimeout(() => socket.resetAndDestroy(), 300));
      }),
    ),
    silent: await listen(createTcpServer((socket) => void socket.write("hello\n"))),
    control: `http://127.0.0.1:${await listen(control)}`,
  };
  return {
    lab,
    close: async () => {
      for (const socket of [...open, ...sockets]) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const size = /^\/bytes\/(\d+)/.exec(request.url ?? "")?.[1];
  if (size) {
    response.setHeader("content-length", size);
    await sendAll(response, repeated(PATTERN, Number(size)));
    response.end();
  } else if (request.method === "POST" || request.method === "PUT") response.end(`${await digest(request)}\n`);
  else response.end(`hello ${request.headers.host}\n`);
}
