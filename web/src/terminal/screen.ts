import { effect } from "@preact/signals";
import { FitAddon } from "@xterm/addon-fit";
import { SerializeAddon } from "@xterm/addon-serialize";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { settings } from "../settings.ts";
import { AddonsOnWish } from "./addons.ts";
import { ownFont, terminalTheme } from "./theme.ts";

const RESIZE_QUIET_MS = 80;
/** Lines above the screen that are kept with it. */
const KEPT_LINES = 1000;

/** An xterm.js terminal that fills its element and keeps doing so, and looks as the settings say. */
export class Screen {
  readonly term: Terminal;
  readonly addons: AddonsOnWish;
  readonly #fit = new FitAddon();
  readonly #serialize = new SerializeAddon();
  readonly #observer: ResizeObserver;
  readonly #forget: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `element` must be in the page. */
  constructor(element: HTMLElement, label: string) {
    this.term = new Terminal({
      allowProposedApi: true, // the choice of Unicode version
      cursorBlink: true,
      lineHeight: 1.1, // with less, some fonts lose their underscores
      minimumContrastRatio: 4.5, // WCAG AA
      rightClickSelectsWord: false,
      ...this.#looks(),
    });
    this.term.loadAddon(this.#fit);
    this.term.loadAddon(this.#serialize);
    this.term.loadAddon(new Unicode11Addon());
    this.term.unicode.activeVersion = "11";
    this.term.loadAddon(new WebLinksAddon((_event, uri) => window.open(uri, "_blank", "noopener,noreferrer")));
    this.term.open(element);
    this.term.textarea?.setAttribute("aria-label", `${label}. Control Shift M leaves the terminal.`);
    this.addons = new AddonsOnWish(this.term);
    this.#forget.push(
      effect(() => {
        Object.assign(this.term.options, this.#looks());
        this.#fit.fit();
      }),
      effect(() => {
        this.term.options.theme = terminalTheme();
      }),
    );
    this.#observer = new ResizeObserver(() => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#fit.fit(), RESIZE_QUIET_MS);
    });
    this.#observer.observe(element);
  }

  /** What is on it now, as text that shows the same when it is written to a terminal. */
  get content(): string {
    return this.#serialize.serialize({ scrollback: KEPT_LINES });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    for (const forget of this.#forget) forget();
    this.addons.dispose();
    this.term.dispose();
  }

  #looks() {
    const { fontFamily, fontSize, scrollback, screenReader, altIsMeta } = settings.value;
    return {
      // A font that is not there is passed over.
      fontFamily: fontFamily === "" ? ownFont() : `${quoted(fontFamily)}, ${ownFont()}`,
      fontSize,
      scrollback,
      screenReaderMode: screenReader,
      macOptionIsMeta: altIsMeta,
    };
  }
}

/** As CSS wants names of fonts. */
function quoted(fontFamily: string): string {
  return fontFamily
    .split(",")
    .map((name) => `"${name.trim().replaceAll(/["\\]/g, "")}"`)
    .join(", ");
}
