import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/xterm";
import { handlePageKeys, TerminalInput } from "../terminal/index.ts";
import { type ShownTheme, terminalColours } from "./colours.ts";
import type { OwnStyles } from "./own-styles.ts";

const RESIZE_QUIET_MS = 80;
const SCROLLBACK = 5000;
const FONT =
  'ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono", monospace';

/** How a terminal looks and what it takes. */
export interface Looks {
  readonly theme: ShownTheme;
  readonly fontSize: number;
  readonly readonly: boolean;
}

/** An xterm.js terminal that fills its place and keeps doing so. */
export class ElementScreen {
  readonly term: Terminal;
  readonly input: TerminalInput;
  readonly #fit = new FitAddon();
  readonly #observer: ResizeObserver;
  readonly #styles: OwnStyles;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `place` must be in the page. `leave`: somebody wants to leave the terminal by keyboard. */
  constructor(place: HTMLElement, styles: OwnStyles, looks: Looks, leave: () => void) {
    this.#styles = styles;
    this.term = new Terminal({
      allowProposedApi: true, // the choice of Unicode version
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      documentOverride: styles.document,
      fontFamily: FONT,
      lineHeight: 1.1, // with less, some fonts lose their underscores
      scrollback: SCROLLBACK,
      ...optionsOf(looks),
    });
    this.term.loadAddon(this.#fit);
    this.term.loadAddon(new Unicode11Addon());
    this.term.unicode.activeVersion = "11";
    styles.open(this.term, place);
    this.input = new TerminalInput(this.term);
    handlePageKeys(this.term, { leave });
    this.term.textarea?.setAttribute("aria-label", "Linux terminal. Control Shift M leaves it.");
    this.#fit.fit();
    this.#observer = new ResizeObserver(() => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#fit.fit(), RESIZE_QUIET_MS);
    });
    this.#observer.observe(place);
  }

  look(looks: Looks): void {
    Object.assign(this.term.options, optionsOf(looks));
    this.#fit.fit();
  }

  /** Resolves when a shell has prompted, or `latestMs` after it has said something. */
  async prompted(latestMs: number | null, signal: AbortSignal): Promise<void> {
    const { term } = this;
    await new Promise<void>((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const look = () => {
        const { active } = term.buffer;
        const line = active.getLine(active.baseY + active.cursorY)?.translateToString(false, 0, active.cursorX) ?? "";
        if (/[$#%>] $/.test(line)) done();
        else if (latestMs !== null && line !== "") timer ??= setTimeout(done, latestMs);
      };
      const listener = term.onWriteParsed(look);
      const done = () => {
        listener.dispose();
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", done, { once: true });
      if (signal.aborted) done();
      else look();
    });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    this.input.disconnect();
    this.term.dispose();
    this.#styles.reset();
  }
}

function optionsOf({ theme, fontSize, readonly }: Looks) {
  return {
    theme: terminalColours(theme),
    fontSize,
    disableStdin: readonly,
    minimumContrastRatio: theme === "contrast" ? 7 : 4.5, // WCAG AAA, AA
  };
}
