import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { unmapped } from "../../src/policy/address.ts";

/** The internet of the lab: a listener on every address at the same time, which remembers where it was reached. */
export class Internet {
  /** Addresses that were connected to, in their order. */
  readonly hits: string[] = [];
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  /** @param serve what a server does with a connection; half-closed ones stay open until it ends them */
  static async open(ports: readonly number[], serve: (socket: Socket, address: string) => void): Promise<Internet> {
    const internet = new Internet();
    for (const port of ports) {
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        const address = unmapped(socket.localAddress ?? "");
        internet.hits.push(address);
        internet.#sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => internet.#sockets.delete(socket));
        serve(socket, address);
      });
      server.listen(port, "::");
      await once(server, "listening");
      internet.#servers.push(server);
    }
    return internet;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Ends all connections. */
  async hangUp(): Promise<void> {
    const closed = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  async close(): Promise<void> {
    await this.hangUp();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

/** Answers with what it got, and ends when the other end has. */
export const echo = (socket: Socket): void => {
  socket.pipe(socket);
};
