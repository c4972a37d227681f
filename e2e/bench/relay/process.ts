import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A server in a process of its own. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts it, and waits for the line that tells its port. */
  static async start(args: readonly string[], port: (line: string) => string | undefined): Promise<ServerProcess> {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const found = new Promise<number>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`${args[0]} ended with code ${code}`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const text = port(line);
        if (text !== undefined) resolve(Number(text));
      });
    });
    return new ServerProcess(child, await found);
  }

  /** The most memory that it ever had. */
  peakRss(): number {
    return this.#status("VmHWM") * 1024;
  }

  /** The memory that it has now. */
  rss(): number {
    return this.#status("VmRSS") * 1024;
  }

  /** Its open files and sockets. */
  descriptors(): number {
    return readdirSync(`/proc/${this.#child.pid}/fd`).length;
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  /** Kilobytes, by the name that the kernel has for them. */
  #status(name: string): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  }
}
