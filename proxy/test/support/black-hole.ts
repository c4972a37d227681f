import { connect, type Socket } from "node:net";
import { Child } from "./process.ts";

const PROGRAM = `
require("node:net").createServer().listen({ host: "::", port: Number(process.argv[1]), backlog: 1 }, () => {
  console.log("listening");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;
const PATIENCE_MS = 500;

/** A port that answers no SYN: its listener accepts nothing, and the queue before it is full. */
export class BlackHole {
  readonly #child: Child;
  readonly #filling: Socket[] = [];

  private constructor(child: Child) {
    this.#child = child;
  }

  static async open(port: number): Promise<BlackHole> {
    const hole = new BlackHole(new Child(process.execPath, ["-e", PROGRAM, String(port)]));
    await hole.#child.line((line) => line === "listening");
    while (await hole.#fill(port));
    return hole;
  }

  async close(): Promise<void> {
    for (const socket of this.#filling) socket.destroy();
    await this.#child.kill();
  }

  /** Takes a place in the queue. @returns false when there was none */
  #fill(port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.on("error", () => {});
      this.#filling.push(socket);
      setTimeout(() => resolve(false), PATIENCE_MS);
    });
  }
}
