import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const SERVER = path("../../web/dist/server/main.js");
const IMAGE = path("../../image/.cache/default");

/** The site that the tests have built. */
export const SITE = path("../test-results/site");

/** A server of the site in a process of its own, which is gone when it is stopped. */
export class SiteProcess {
  readonly #port: number;
  #process: ChildProcess | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  get origin(): string {
    return `http://localhost:${this.#port}`;
  }

  /** Serves a folder, in the place of the one before. */
  async start(site = SITE, env: NodeJS.ProcessEnv = {}): Promise<void> {
    await this.stop();
    const args = [SERVER, "--site", site, "--image", IMAGE, "--port", String(this.#port)];
    const started = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = started;
    await new Promise((resolve) => started.stdout?.once("data", resolve));
  }

  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (!running) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  }
}
