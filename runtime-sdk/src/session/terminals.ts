import type { KeptTerminal, ProcessChannel } from "../guest/index.ts";
import { GuestProcess } from "./guest-process.ts";
import type { Machine } from "./machine.ts";
import { checkSize, DEFAULT_WINDOW, type TerminalSize } from "./options.ts";

/** A program resizes its terminal only once it has seen the first of two sizes. */
const REDRAW_PAUSE_MS = 100;

/** Options of `RestoredTerminal.attach`. */
export interface AttachOptions extends Partial<TerminalSize> {
  /** Bytes of output that may wait unread before the program is held up. @default 262144 */
  readonly windowBytes?: number;
}

/** The terminals that a restored machine brought along. */
export class RestoredTerminals {
  readonly #known = new Map<KeptTerminal, RestoredTerminal>();

  of({ terminals, link }: Pick<Machine, "terminals" | "link">): RestoredTerminal[] {
    return terminals.map((kept) => {
      const terminal =
        this.#known.get(kept) ?? new RestoredTerminal(kept, (window, size) => link.attach(kept, window, size));
      this.#known.set(kept, terminal);
      return terminal;
    });
  }
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
    const { cols = this.size.cols, rows = this.size.rows, windowBytes = DEFAULT_WINDOW } = options;
    checkSize({ cols, rows });
    const isSame = cols === this.size.cols && rows === this.size.rows;
    // WHY: a program draws its screen anew only for another size than the one it knows.
    const first = isSame ? { cols, rows: rows > 1 ? rows - 1 : rows + 1 } : { cols, rows };
    const channel = this.#attach(windowBytes, first);
    if (isSame) setTimeout(() => channel.resize(cols, rows), REDRAW_PAUSE_MS);
    this.#process = new GuestProcess(this.pid, channel);
    return this.#process;
  }
}
