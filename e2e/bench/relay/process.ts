import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
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
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Seconds of processor time that it has used. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}
