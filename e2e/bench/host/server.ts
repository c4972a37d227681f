/** One server for both sides: the site with its image, and plain v86 with the same files. It counts what goes over the wire. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type BenchImage, plainConfig } from "./image.ts";
import { plainHandler } from "./plain-files.ts";
import { siteHandler } from "./site.ts";

export class BenchServer {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #closedBytes = 0;

  /** `state`: path of a packed state of plain v86, for its page that restores one. */
  static async start(image: BenchImage, state: string | null = null): Promise<BenchServer> {
    const site = await siteHandler(image.directory);
    const plain = plainHandler(
      plainConfig(image, ({ directory, file }) => `/plain${directory}/${file}`.replace("//", "/")),
      state,
    );
    const server = new BenchServer((request, response) => plain(request, response, () => site(request, response)));
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  private constructor(handler: RequestListener) {
    this.#server = createServer({ noDelay: true }, handler);
    this.#server.on("connection", (socket) => {
      this.#open.add(socket);
      socket.on("close", () => {
        this.#open.delete(socket);
        this.#closedBytes += socket.bytesWritten;
      });
    });
  }

  url(path: string): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/${path}`;
  }

  /** Bytes sent so far, as they went over the wire: headers, and bodies in their encoding. */
  get bytesSent(): number {
    return [...this.#open].reduce((sum, socket) => sum + socket.bytesWritten, this.#closedBytes);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
