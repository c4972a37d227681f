import { type ReadonlySignal, signal } from "@preact/signals";
import type { KernelSession, RestoredTerminal } from "warmboot";
import { focusIsFree } from "../ui/focus.ts";
import type { Notify } from "./clipboard.ts";
import { ShellTerminal } from "./shell-terminal.ts";

/** What shows the list of terminals. */
export interface TerminalsListener {
  changed(): void;
  /** A shell could not be started. */
  openFailed(error: unknown): void;
  /** Somebody wants to leave the terminal by keyboard. */
  leave(): void;
  /** Somebody wants to search in one. */
  find(terminal: ShellTerminal): void;
  /** A program wants something that a person must agree to. */
  readonly ask: Notify;
}

/** The terminals of the page, in the order of their tabs. One of them is shown. */
export class Terminals {
  readonly #host: HTMLElement;
  readonly #listener: TerminalsListener;
  readonly #list = signal<readonly ShellTerminal[]>([]);
  readonly #active = signal<ShellTerminal | null>(null);
  #lastId = 0;

  constructor(host: HTMLElement, listener: TerminalsListener) {
    this.#host = host;
    this.#listener = listener;
  }

  get list(): ReadonlySignal<readonly ShellTerminal[]> {
    return this.#list;
  }

  get active(): ReadonlySignal<ShellTerminal | null> {
    return this.#active;
  }

  /** Adds a terminal and shows it. It takes what is typed and keeps it for the shell. */
  add(): ShellTerminal {
    const terminal: ShellTerminal = new ShellTerminal(++this.#lastId, this.#host, {
      leave: () => this.#listener.leave(),
      find: () => this.#listener.find(terminal),
      ask: (title, text, action) => this.#listener.ask(title, text, action),
    });
    this.#list.value = [...this.#list.value, terminal];
    this.select(terminal);
    return terminal;
  }

  /** Starts the shell of a terminal, or takes up one that the machine brought along. */
  async open(
    terminal: ShellTerminal,
    session: KernelSession,
    restored?: RestoredTerminal,
    redraw = true,
  ): Promise<void> {
    try {
      await terminal.open(session, restored, redraw);
      this.#listener.changed();
    } catch (error) {
      // A machine that has failed says so itself.
      if (session.state !== "running") return;
      this.close(terminal);
      this.#listener.openFailed(error);
    }
  }

  select(terminal: ShellTerminal): void {
    this.#active.value = terminal;
    for (const each of this.#list.value) each.show(each === terminal);
    this.#listener.changed();
    if (focusIsFree()) terminal.term.focus();
  }

  /** Moves a terminal to where another is; what is between makes room. */
  move(terminal: ShellTerminal, to: number): void {
    const list = this.#list.value.filter((each) => each !== terminal);
    if (list.length === this.#list.value.length || to < 0 || to > list.length) return;
    this.#list.value = [...list.slice(0, to), terminal, ...list.slice(to)];
  }

  close(terminal: ShellTerminal): void {
    const at = this.#list.value.indexOf(terminal);
    if (at < 0) return;
    const list = this.#list.value.filter((each) => each !== terminal);
    this.#list.value = list;
    terminal.dispose();
    if (this.#active.value === terminal) this.#active.value = null;
    const next = this.#active.value ?? list[Math.min(at, list.length - 1)];
    if (next) this.select(next);
    else this.#listener.changed();
  }

  closeAll(): void {
    for (const terminal of this.#list.value) terminal.dispose();
    this.#list.value = [];
    this.#active.value = null;
    this.#lastId = 0;
    this.#listener.changed();
  }
}
