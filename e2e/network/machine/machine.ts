import { KernelSession, memoryStore, type NetworkStatus } from "warmboot";
import { Lines } from "./lines.js";

/** Where saved machines are: in the process, or the page, that they run in. */
const store = memoryStore();

/** What is needed to boot a machine. */
export interface MachineSettings {
  readonly image: string;
  readonly relay: string;
  /** The name to save it by. */
  readonly saved?: string;
  /** What it shows to the relay, one after the other; the last again and again. */
  readonly tokens?: readonly string[];
}

/** How a command ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Program {
  readonly lines: Lines;
  readonly input: WritableStreamDefaultWriter<Uint8Array>;
}

/** A machine as the network tests use it, here or in a page: what goes in and comes out can be copied. */
export class Machine {
  readonly #session: KernelSession;
  readonly #programs: Program[] = [];
  readonly #blocked: string[] = [];

  private constructor(session: KernelSession) {
    this.#session = session;
    session.on("network-blocked", ({ host, port }) => void this.#blocked.push(`${host}:${port}`));
  }

  static async boot({ image, relay, saved, tokens = [] }: MachineSettings): Promise<Machine> {
    const left = [...tokens];
    const token = () => (left.length > 1 ? left.shift() : left[0]) as string;
    const network = { relay, ...(tokens.length > 0 && { token }) };
    return new Machine(await KernelSession.boot({ image, network, ...(saved && { store, machine: saved }) }));
  }

  async run(command: string, timeoutMs: number): Promise<Ended> {
    const { exitCode, stdout, stderr } = await this.#session.exec(command, { timeoutMs });
    return { exitCode, stdout, stderr };
  }

  async write(path: string, text: string): Promise<void> {
    await this.#session.files.write(path, text);
  }

  /** Starts a program. @returns its number, for `nextLine` and `tell` */
  async start(command: readonly string[]): Promise<number> {
    const { stdout, stdin } = await this.#session.spawn([...command]);
    return this.#programs.push({ lines: new Lines(stdout), input: stdin.getWriter() }) - 1;
  }

  /** The next line that a program writes; null when it has ended. */
  async nextLine(program: number): Promise<string | null> {
    return this.#program(program).lines.next();
  }

  /** Writes to a program's standard input. */
  async tell(program: number, text: string): Promise<void> {
    await this.#program(program).input.write(new TextEncoder().encode(text));
  }

  /** Resolves when the way to the relay stands so. */
  async until(state: NetworkStatus["state"]): Promise<void> {
    if (this.#session.network.state === state) return;
    await new Promise<void>((resolve) => {
      const stop = this.#session.on("network", (status) => {
        if (status.state !== state) return;
        stop();
        resolve();
      });
    });
  }

  /** The relay's word for its refusal. */
  async refusal(): Promise<string | null> {
    return this.#session.network.status.code;
  }

  /** What it was kept from connecting to, since it was booted. */
  async blocked(): Promise<string[]> {
    return this.#blocked;
  }

  /** Who it is connected to. */
  async connections(): Promise<string[]> {
    return (await this.#session.network.connections()).map(({ host }) => host);
  }

  /** How its boot began. */
  async opened(): Promise<string> {
    return this.#session.opened.how;
  }

  async save(): Promise<void> {
    await this.#session.save();
  }

  async fork(): Promise<Machine> {
    return new Machine(await this.#session.fork());
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  #program(program: number): Program {
    const found = this.#programs[program];
    if (!found) throw new Error(`no program ${program}`);
    return found;
  }
}
