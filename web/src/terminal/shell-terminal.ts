import { signal } from "@preact/signals";
import { ClipboardAddon } from "@xterm/addon-clipboard";
import type { KernelSession, RestoredTerminal } from "warmboot";
import { copySelection, handlePageKeys, type Line, openLine, showOutput, TerminalInput } from "warmboot/terminal";
import type { KeptScreen } from "../machine/screens.ts";
import { settings } from "../settings.ts";
import { showEnded } from "../ui/ended.tsx";
import { ringBell } from "./bell.ts";
import { AskingClipboard, type Notify } from "./clipboard.ts";
import { Screen } from "./screen.ts";

const LONGEST_TITLE = 60;

/** What a terminal asks of the page. */
export interface TerminalHost {
  /** Somebody wants to leave it by keyboard. */
  leave(): void;
  /** Somebody wants to search in it. */
  find(): void;
  /** A program in the guest wants something that a person must agree to. */
  readonly ask: Notify;
}

/** One terminal of the page: a screen, and the shell on it once the machine answers. */
export class ShellTerminal {
  readonly id: number;
  readonly panel: HTMLElement;
  readonly input: TerminalInput;
  /** What the person calls it; empty: it has its number only. */
  readonly title = signal("");
  readonly #screen: Screen;
  /** Where it is said that the shell has ended. */
  readonly #ended = document.createElement("div");
  #process: Line | null = null;
  #output = new AbortController();
  #lastOutputMs = 0;
  #disposed = false;

  constructor(id: number, host: HTMLElement, page: TerminalHost) {
    this.id = id;
    const area = document.createElement("div");
    area.className = "screen";
    this.panel = document.createElement("div");
    this.panel.className = "panel";
    this.panel.id = `panel-${id}`;
    this.panel.setAttribute("role", "tabpanel");
    this.panel.setAttribute("aria-labelledby", `tab-${id}`);
    this.panel.append(area, this.#ended);
    host.append(this.panel);
    this.#screen = new Screen(area, `Terminal ${id}`);
    this.input = new TerminalInput(this.term);
    handlePageKeys(this.term, page);
    this.term.loadAddon(new ClipboardAddon(undefined, new AskingClipboard(page.ask)));
    this.term.onWriteParsed(() => {
      this.#lastOutputMs = performance.now();
    });
    this.term.onBell(() => ringBell(area));
    this.term.onSelectionChange(() => {
      if (settings.value.copyOnSelect) void copySelection(this.term);
    });
    this.term.onResize(({ cols, rows }) => this.#process?.resize(cols, rows));
  }

  get term() {
    return this.#screen.term;
  }

  /** Its parts that are loaded when they are wanted. */
  get addons() {
    return this.#screen.addons;
  }

  /** Gives it a name. */
  rename(title: string): void {
    this.title.value = title.trim().slice(0, LONGEST_TITLE);
  }

  /** The shell, `null` before there is one and after it ended. */
  get process(): Line | null {
    return this.#process;
  }

  /**
   * What is to be kept of it for the next visit, with a state that was saved at some time after `beginMs`, of `performance.now`; `null` without a process.
   */
  kept(beginMs: number): KeptScreen | null {
    const pid = this.#process?.pid;
    if (pid === undefined) return null;
    // WHY not the other screen: programs that use it set modes, too, which the text does not have.
    const isExact = this.#lastOutputMs < beginMs && this.term.buffer.active.type === "normal";
    return { pid, title: this.title.value, text: this.#screen.content, isExact };
  }

  /** Shows what was kept of it. The process takes it up from there. */
  recall({ text, title = "" }: KeptScreen): void {
    this.rename(title);
    this.term.write(text);
  }

  /**
   * Starts a shell here, after the end of an earlier one too; or takes up one that the machine brought along. `redraw`: it has to draw its screen anew.
   */
  async open(session: KernelSession, restored?: RestoredTerminal, redraw = true): Promise<void> {
    showEnded(this.#ended, null);
    const { cols, rows } = this.term;
    const process = restored ? restored.attach({ cols, rows, redraw }) : await openLine(session, cols, rows);
    if (this.#disposed) return process.kill("SIGHUP");
    this.#output.abort();
    this.#output = new AbortController();
    this.#process = process;
    if (this.term.cols !== cols || this.term.rows !== rows) process.resize(this.term.cols, this.term.rows);
    // The end of the output is no news of its own: `exit` tells it, or the machine's failure does.
    showOutput(process.stdout, this.term, this.#output.signal).catch(() => {});
    this.input.connect(process.stdin);
    this.addons.start();
    process.exit.then(
      ({ exitCode, signal }) => this.#shellEnded(session, signal ? `by ${signal}` : `with exit code ${exitCode}`),
      (error: unknown) => this.#shellEnded(session, `: ${error instanceof Error ? error.message : String(error)}`),
    );
  }

  show(shown: boolean): void {
    this.panel.dataset["shown"] = String(shown);
    this.panel.inert = !shown;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#process?.kill("SIGHUP");
    this.#process = null;
    this.#output.abort();
    this.input.disconnect();
    this.#screen.dispose();
    showEnded(this.#ended, null);
    this.panel.remove();
  }

  #shellEnded(session: KernelSession, how: string): void {
    this.#process = null;
    this.input.disconnect();
    if (this.#disposed || session.state !== "running") return;
    const onRestart = () => {
      this.open(session).then(
        () => this.term.focus(),
        (error: unknown) => this.#shellEnded(session, `: ${String(error)}`),
      );
    };
    const text = `The shell ended${how.startsWith(":") ? "" : " "}${how}.`;
    showEnded(this.#ended, { text, takeFocus: this.panel.contains(document.activeElement), onRestart });
  }
}
