import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A child of the tests, with what it said. */
export class Child {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  readonly exited: Promise<number | null>;
  readonly #process: ChildProcess;
  readonly #watchers = new Set<() => void>();

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    const { stdout, stderr } = this.#process;
    if (!stdout || !stderr) throw new Error("no pipes");
    const gather = (lines: string[]) => (line: string) => {
      lines.push(line);
      for (const watcher of this.#watchers) watcher();
    };
    createInterface({ input: stdout }).on("line", gather(this.lines));
    createInterface({ input: stderr }).on("line", gather(this.errors));
    this.exited = once(this.#process, "exit").then(([code]) => code as number | null);
    void this.exited.then(() => {
      for (const watcher of this.#watchers) watcher();
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The first line that `find` finds something in. @throws Error when the process ends without */
  line<T>(find: (line: string) => T | undefined | null | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        for (const line of [...this.lines, ...this.errors]) {
          const found = find(line);
          if (!found) continue;
          this.#watchers.delete(look);
          resolve(found);
          return;
        }
        if (!this.isRunning) reject(new Error(`it ended:\n${[...this.lines, ...this.errors].slice(-20).join("\n")}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends it, at once. */
  async kill(): Promise<void> {
    if (this.isRunning) this.#process.kill("SIGKILL");
    await this.exited;
  }

  /** Bytes of memory in use. */
  rss(): number {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, "utf8"));
    return Number(match?.[1]) * 1024;
  }

  /** Open files and sockets. */
  descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }
}
