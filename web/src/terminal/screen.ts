import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { settings } from "../settings.ts";
import { followTheme, fontFamily } from "./theme.ts";

const RESIZE_QUIET_MS = 80;

/** An xterm.js terminal that fills its element and keeps doing so. */
export class Screen {
  readonly term: Terminal;
  readonly #fit = new FitAddon();
  readonly #observer: ResizeObserver;
  readonly #forget: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `element` must be in the page. */
  constructor(element: HTMLElement, label: string) {
    this.term = new Terminal({
      allowProposedApi: true, // the choice of Unicode version
      cursorBlink: true,
      fontFamily: fontFamily(),
      fontSize: 14,
      lineHeight: 1.1, // with less, some fonts lose their underscores
      minimumContrastRatio: 4.5, // WCAG AA
      rightClickSelectsWord: false,
      scrollback: 5000,
      screenReaderMode: settings.screenReader,
    });
    this.term.loadAddon(this.#fit);
    this.term.loadAddon(new Unicode11Addon());
    this.term.unicode.activeVersion = "11";
    this.term.loadAddon(new WebLinksAddon((_event, uri) => window.open(uri, "_blank", "noopener,noreferrer")));
    this.term.open(element);
    this.term.textarea?.setAttribute("aria-label", `${label}. Control Shift M leaves the terminal.`);
    this.#forget.push(
      followTheme(this.term),
      settings.onChange(() => {
        this.term.options.screenReaderMode = settings.screenReader;
      }),
    );
    this.#fit.fit();
    this.#observer = new ResizeObserver(() => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#fit.fit(), RESIZE_QUIET_MS);
    });
    this.#observer.observe(element);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    for (const forget of this.#forget) forget();
    this.term.dispose();
  }
}
