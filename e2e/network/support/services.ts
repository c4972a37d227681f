import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { BlackHole } from "../../../proxy/test/support/black-hole.ts";
import { hashOf, send } from "./content.ts";

/** Ports of the servers that are not web sites. */
export const PORT = {
  /** Sends back what it gets. */
  echo: 7001,
  /** Reads to the end, then says how much it was. */
  count: 7002,
  /** Sends a line, then resets. */
  reset: 7003,
  /** Sends a line, then nothing, for ever. */
  silent: 7004,
  /** Sends a line, then `FLOOD_BYTES` bytes. */
  flood: 7005,
  /** Answers no SYN. */
  blackHole: 7006,
  /** Nobody listens there. */
  closed: 7007,
  /** UDP: says what it has heard. */
  datagrams: 7008,
} as const;

/** Addresses at which nothing may ever be reached, and a server at each. */
export const FORBIDDEN = ["10.0.0.1", "169.254.169.254", "192.168.1.1", "127.0.0.1", "100.64.0.1"] as const;
export const FLOOD_BYTES = 24_000_000;

type Service = (socket: Socket) => void;
const SERVE: Readonly<Record<Exclude<keyof typeof PORT, "blackHole" | "closed" | "datagrams" | "flood">, Service>> = {
  echo: (socket) => void socket.pipe(socket),
  count: (socket) => {
    let size = 0;
    socket.on("data", (bytes: Buffer) => {
      size += bytes.length;
    });
    socket.on("end", () => socket.end(`got ${size} and the end\n`));
  },
  reset: (socket) => {
    socket.once("data", () => socket.resetAndDestroy());
    socket.write("hello\n");
  },
  silent: (socket) => void socket.write("hello\n"),
};

/** Servers on one public address, and canaries on forbidden ones. */
export class Services {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #datagrams = createSocket("udp4");
  #blackHole: BlackHole | undefined;
  /** Forbidden addresses that were connected to. */
  readonly touched: string[] = [];
  /** The most connections that were open at the same time. */
  mostAtOnce = 0;
  #flooding: Socket | undefined;

  static async open(address: string): Promise<Services> {
    const services = new Services();
    services.#blackHole = await BlackHole.open(PORT.blackHole);
    for (const [name, serve] of Object.entries(SERVE))
      await services.#listen(address, PORT[name as keyof typeof SERVE], serve);
    await services.#answerDatagrams(address);
    await services.#listen(address, PORT.flood, (socket) => {
      services.#flooding = socket;
      socket.write("hello\n");
      void send(socket, FLOOD_BYTES).then(() => socket.end());
    });
    for (const forbidden of FORBIDDEN) {
      for (const port of [80, 443]) {
        await services.#listen(forbidden, port, (socket) => {
          services.touched.push(`${forbidden}:${port}`);
          socket.end("HTTP/1.0 200 OK\r\n\r\nsecret\n");
        });
      }
    }
    return services;
  }

  /** SHA-256 of the flood, without the line before it. */
  get floodHash(): string {
    return hashOf(FLOOD_BYTES);
  }

  /** Bytes of the last flood that were handed to the network. */
  get flooded(): number {
    return (this.#flooding?.bytesWritten ?? 0) - (this.#flooding?.writableLength ?? 0);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#datagrams.close();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
    await this.#blackHole?.close();
  }

  async #answerDatagrams(address: string): Promise<void> {
    this.#datagrams.on("message", (message, { address: from, port }) => {
      this.#datagrams.send(Buffer.concat([Buffer.from("heard "), message]), port, from);
    });
    this.#datagrams.bind(PORT.datagrams, address);
    await once(this.#datagrams, "listening");
  }

  async #listen(address: string, port: number, serve: (socket: Socket) => void): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket);
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#sockets.size);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      serve(socket);
    });
    server.listen({ host: address, port, backlog: 511 });
    await once(server, "listening");
    this.#servers.push(server);
  }
}
