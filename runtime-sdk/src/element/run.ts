import {
  AbortedError,
  type BootOptions,
  type BootProgress,
  type ExitStatus,
  KernelSession,
  type SessionState,
} from "../browser/index.ts";
import { type Line, openLine, showOutput } from "../terminal/index.ts";
import type { ElementScreen } from "./screen.ts";

/** A shell with a prompt of a kind that is not known is typed into this long after it said something. */
const LATEST_PROMPT_MS = 3000;

/** What is told of a machine. */
export interface RunListener {
  progress(progress: BootProgress): void;
  /** There is a shell; again after each reboot. */
  shell(session: KernelSession): void;
  /** The shell has ended. */
  shellEnded(status: ExitStatus): void;
  /** The machine was shut down from within. */
  off(): void;
  /** The machine is being started anew. */
  rebooting(): void;
  /** The machine cannot go on. */
  failed(error: unknown): void;
  /** Somebody else closed the session. */
  closed(): void;
}

/** One machine on a screen, from its start to its end. */
export class Run {
  readonly screen: ElementScreen;
  readonly #listener: RunListener;
  readonly #end = new AbortController();
  #session: KernelSession | null = null;
  #shell: Line | null = null;
  #output = new AbortController();
  #paused = false;

  constructor(screen: ElementScreen, listener: RunListener) {
    this.screen = screen;
    this.#listener = listener;
    screen.term.onResize(({ cols, rows }) => this.#shell?.resize(cols, rows));
  }

  /** The machine, `null` before it answers. */
  get session(): KernelSession | null {
    return this.#session;
  }

  /** Whether a shell takes what is typed. */
  get hasShell(): boolean {
    return this.#shell !== null;
  }

  /** Resolves when there is a shell; `cmd` is typed into it when it has prompted. */
  async begin(options: BootOptions, cmd: string | null): Promise<KernelSession> {
    const session = await KernelSession.boot({
      ...options,
      signal: this.#end.signal,
      onProgress: (progress) => this.#tell((listener) => listener.progress(progress)),
    });
    if (this.#end.signal.aborted) {
      await session.close();
      throw new AbortedError("the start of the machine");
    }
    this.#session = session;
    session.on("error", (error) => this.#tell((listener) => listener.failed(error)));
    session.on("state", (state) => this.#state(session, state));
    const [restored] = session.terminals;
    if (restored) this.#connect(session, restored.attach(this.#size()));
    else await this.openShell(cmd);
    return session;
  }

  /** Opens a shell, in place of one that has ended. */
  async openShell(cmd: string | null = null): Promise<void> {
    const session = this.#session;
    if (!session) return;
    const { cols, rows } = this.#size();
    const line = await openLine(session, cols, rows);
    if (this.#end.signal.aborted) return line.kill("SIGHUP");
    this.#connect(session, line);
    if (cmd !== null) void this.type(cmd);
  }

  /** Types lines into the shell once it prompts. */
  async type(lines: string): Promise<void> {
    const latest = this.#session?.info.agent === "" ? null : LATEST_PROMPT_MS;
    const { signal } = this.#output;
    await this.screen.prompted(latest, signal);
    if (!signal.aborted) this.screen.input.type(`${lines.replaceAll(/\r?\n/g, "\r")}\r`);
  }

  /** Closes the machine, and starts none that was on its way. */
  async close(): Promise<void> {
    this.#end.abort();
    this.#output.abort();
    this.#shell = null;
    this.screen.dispose();
    await this.#session?.close();
  }

  #size() {
    const { cols, rows } = this.screen.term;
    return { cols, rows };
  }

  #connect(session: KernelSession, line: Line): void {
    this.#output.abort();
    this.#output = new AbortController();
    this.#shell = line;
    const { term, input } = this.screen;
    // The end of the output is no news of its own: `exit` tells it, or the machine's failure does.
    showOutput(line.stdout, term, this.#output.signal).catch(() => {});
    input.connect(line.stdin);
    this.#listener.shell(session);
    const ended = (tell: (listener: RunListener) => void) => {
      if (this.#shell !== line) return;
      this.#shell = null;
      if (this.#end.signal.aborted) return;
      input.disconnect();
      if (session.state === "running") this.#tell(tell);
    };
    line.exit.then(
      (status) => ended((listener) => listener.shellEnded(status)),
      (error: unknown) => ended((listener) => listener.failed(error)),
    );
  }

  #state(session: KernelSession, state: SessionState): void {
    if (state === "paused") this.#paused = true;
    if (state === "off") this.#tell((listener) => listener.off());
    if (state === "closed") this.#tell((listener) => listener.closed());
    if (state === "booting") this.#tell((listener) => listener.rebooting());
    if (state !== "running") return;
    if (!this.#paused && this.#session === session)
      this.openShell().catch((error) => this.#tell((listener) => listener.failed(error)));
    this.#paused = false;
  }

  #tell(tell: (listener: RunListener) => void): void {
    if (!this.#end.signal.aborted) tell(this.#listener);
  }
}
