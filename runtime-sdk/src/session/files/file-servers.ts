import { FileError } from "../../errors/index.ts";
import { ECONNRESET, errnoName, FileClient } from "../../guest/index.ts";
import type { GuestProcess } from "../guest-process.ts";
import type { SpawnOptions } from "../options.ts";

/** Starts a process in the guest. */
export type StartProcess = (argv: readonly string[], options: SpawnOptions) => Promise<GuestProcess>;

/** The agent's program; what it does says the first argument. */
export const AGENT = "/usr/sbin/warmboot-agent";

/** Bytes of replies that may be on their way. */
const WINDOW = 1 << 20;

/** The file servers of a machine: one process a user, started when it is needed. */
export class FileServers {
  readonly #start: StartProcess;
  readonly #clients = new Map<string, Promise<FileClient>>();

  constructor(start: StartProcess) {
    this.#start = start;
  }

  /** The server of a user; a new one when the last one has ended. @throws SpawnError, or what ended the machine. */
  client(user = "root"): Promise<FileClient> {
    const known = this.#clients.get(user);
    if (known) return known;
    const forget = () => {
      if (this.#clients.get(user) === starting) this.#clients.delete(user);
    };
    const starting = startServer(this.#start, user, forget);
    this.#clients.set(user, starting);
    starting.catch(forget);
    return starting;
  }
}

async function startServer(start: StartProcess, user: string, onEnd: () => void): Promise<FileClient> {
  const process = await start([AGENT, "files"], { user, windowBytes: WINDOW });
  const stdin = process.stdin.getWriter();
  // A write fails when the process has ended, which `serve` tells.
  const client = new FileClient((bytes) => void stdin.write(bytes).catch(() => {}));
  void process.stderr.cancel();
  void serve(process, client).finally(onEnd);
  return client;
}

/** Hands on the server's replies until it ends. */
async function serve(process: GuestProcess, client: FileClient): Promise<void> {
  try {
    for await (const bytes of process.stdout as unknown as AsyncIterable<Uint8Array>) client.receive(bytes);
    const { exitCode, signal } = await process.exit;
    const detail = `the file server ended (${signal ?? `exit code ${exitCode}`})`;
    client.fail(({ operation, path }) => new FileError(operation, path, ECONNRESET, errnoName(ECONNRESET), detail));
  } catch (error) {
    process.kill("SIGKILL");
    client.fail(() => error as Error);
  }
}
