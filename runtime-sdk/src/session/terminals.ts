import type { KeptTerminal, ProcessChannel } from "../guest/index.ts";
import { GuestProcess } from "./guest-process.ts";
import type { Machine } from "./machine.ts";
import { checkSize, DEFAULT_WINDOW, type TerminalOptions, type TerminalSize } from "./options.ts";
import { within } from "./within.ts";

/** A program that draws has done so by then, for the first of two sizes. */
const MOST_REDRAW_MS = 100;
/** A guest that is busy ends a shell in less. */
const MOST_END_MS = 10_000;

/** Options of `RestoredTerminal.attach`. */
export interface AttachOptions extends Partial<TerminalSize> {
  /** Bytes of output that may wait unread before the program is held up. @default 262144 */
  readonly windowBytes?: number;
  /**
   * Have a program that draws do so anew. `false`: its screen is known, as it was when the machine was saved. It draws anew all the same when the size is
   * another one. @default true
   */
  readonly redraw?: boolean;
}

type Restored = Pick<Machine, "terminals" | "link" | "shell" | "isPaused">;

/** The terminals that a restored machine brought along. */
export class RestoredTerminals {
  readonly #known = new Map<KeptTerminal, RestoredTerminal>();

  of(machine: Restored): RestoredTerminal[] {
    return machine.shell ? [] : machine.terminals.map((kept) => this.#restored(machine, kept));
  }

  /** The shell that waits in a machine that its image brought along, if it is what is asked for. */
  takeShell(machine: Restored, options: TerminalOptions): GuestProcess | null {
    const { argv, cwd, user = "root", env = {}, ...rest } = options;
    const { shell } = machine;
    if (!shell || argv || cwd !== undefined || user !== "root" || !isSame(env, shell.env)) return null;
    return this.#waiting(machine)?.attach({ cols: 80, rows: 24, ...rest }) ?? null;
  }

  /**
   * Ends the shell that waits, if nobody has taken it: what is made of the machine now has only terminals that somebody opened. Of a machine that is paused, or
   * does not answer, it stays.
   */
  async endShell(machine: Restored): Promise<void> {
    if (machine.isPaused) return;
    const shell = this.#waiting(machine)?.attach();
    if (!shell) return;
    shell.kill("SIGKILL");
    const onTimeout = () => new Error("the guest does not end its shell");
    await within(shell.exit, { what: "ending a shell", timeoutMs: MOST_END_MS, onTimeout }).catch(() => {});
  }

  /** Gives it once. */
  #waiting(machine: Restored): RestoredTerminal | null {
    const [kept] = machine.terminals;
    if (!machine.shell || !kept || this.#known.has(kept)) return null;
    return this.#restored(machine, kept);
  }

  #restored({ link, shell }: Restored, kept: KeptTerminal): RestoredTerminal {
    const known = this.#known.get(kept);
    if (known) return known;
    const terminal = new RestoredTerminal(kept, (window, size) => link.attach(kept, window, size, shell?.output));
    this.#known.set(kept, terminal);
    return terminal;
  }
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** A terminal that was open when the machine was saved. Its program is held up once it has written some, until someone attaches. */
export class RestoredTerminal {
  /** Process id in the guest. */
  readonly pid: number;
  /** Size that the program knows. */
  readonly size: TerminalSize;
  readonly #attach: (window: number, size: TerminalSize) => ProcessChannel;
  #process: GuestProcess | null = null;

  /** @internal */
  constructor(terminal: KeptTerminal, attach: (window: number, size: TerminalSize) => ProcessChannel) {
    this.pid = terminal.pid;
    this.size = { cols: Math.max(1, terminal.cols), rows: Math.max(1, terminal.rows) };
    this.#attach = attach;
  }

  /**
   * Takes the terminal up again; the program learns the size, and draws its screen anew if it is one that does. Called again, gives
   * the same process.
   * @throws InvalidOptionError for sizes outside 1 to 65535.
   */
  attach(options: AttachOptions = {}): GuestProcess {
    if (this.#process) return this.#process;
    const { cols = this.size.cols, rows = this.size.rows, windowBytes = DEFAULT_WINDOW, redraw = true } = options;
    checkSize({ cols, rows });
    const isSame = cols === this.size.cols && rows === this.size.rows;
    const attach = isSame && redraw ? this.#attachAnew : this.#attach;
    const channel = attach.call(this, windowBytes, { cols, rows });
    this.#process = new GuestProcess(this.pid, channel);
    return this.#process;
  }

  /** WHY another size first: a program draws its screen anew only for a size that is not the one it knows. */
  #attachAnew(window: number, { cols, rows }: TerminalSize): ProcessChannel {
    const channel = this.#attach(window, { cols, rows: rows > 1 ? rows - 1 : rows + 1 });
    channel.resizeWhenDrawn(cols, rows, MOST_REDRAW_MS);
    return channel;
  }
}
