import { effect, signal } from "@preact/signals";
import type { IDisposable } from "@xterm/xterm";
import type { ShellTerminal } from "../terminal/shell-terminal.ts";
import type { Terminals } from "../terminal/terminals.ts";
import { ANSWER, type Answer, type GuestRequest, parseRequest, REQUEST_OSC } from "./guest-request.ts";

/** Requests that may wait for a person; more are refused. */
const MOST_WAITING = 8;

export interface RequestsListener {
  /** Downloads what was asked for; resolves when it is over. */
  download(paths: readonly string[]): Promise<void>;
  /** Tells the program what becomes of its request. */
  answer(request: GuestRequest, answer: Answer): void;
  /** A request cannot be taken. */
  refused(why: string): void;
}

/**
 * What programs on the terminals ask of the page. A download begins at once when none of this kind is under way and somebody has pressed Enter in that
 * terminal since the last one; otherwise the person is asked, so that no program can flood the browser. Files to upload are always chosen by a person.
 */
export class GuestRequests {
  /** Waiting for a person, oldest first. */
  readonly waiting = signal<readonly GuestRequest[]>([]);
  readonly #listener: RequestsListener;
  readonly #terminals = new Map<ShellTerminal, IDisposable>();
  /** Terminals in which somebody has pressed Enter since they last began a download. */
  readonly #touched = new WeakSet<ShellTerminal>();
  #busy = false;

  constructor(terminals: Terminals, listener: RequestsListener) {
    this.#listener = listener;
    effect(() => this.#follow(terminals.list.value));
  }

  /** Takes a request from the list; it was granted or refused. */
  settle(request: GuestRequest): void {
    this.waiting.value = this.waiting.value.filter((each) => each !== request);
  }

  /** Does a download that a person has agreed to. */
  async grant(request: GuestRequest): Promise<void> {
    this.settle(request);
    this.#busy = true;
    await this.#listener.download(request.paths);
    this.#busy = false;
  }

  #follow(list: readonly ShellTerminal[]): void {
    for (const [terminal, handler] of this.#terminals) {
      if (list.includes(terminal)) continue;
      handler.dispose();
      this.#terminals.delete(terminal);
    }
    for (const terminal of list) if (!this.#terminals.has(terminal)) this.#attach(terminal);
  }

  #attach(terminal: ShellTerminal): void {
    const { term } = terminal;
    const touch = (event: KeyboardEvent) => {
      if (event.isTrusted && event.key === "Enter") this.#touched.add(terminal);
    };
    term.element?.addEventListener("keydown", touch, { capture: true });
    const handler = term.parser.registerOscHandler(REQUEST_OSC, (data) => {
      this.#receive(terminal, data);
      return true;
    });
    this.#terminals.set(terminal, handler);
  }

  #receive(terminal: ShellTerminal, data: string): void {
    const request = parseRequest(data);
    if (request) this.#listener.answer(request, this.#take(terminal, request));
    else
      this.#listener.refused(
        "A program asked for files in a way that the page does not understand, or with a name that is not UTF-8.",
      );
  }

  #take(terminal: ShellTerminal, request: GuestRequest): Answer {
    if (request.verb === "download" && !this.#busy && this.#touched.delete(terminal)) {
      void this.grant(request);
      return ANSWER.TAKEN;
    }
    const { waiting } = this;
    const isKnown = waiting.value.some((each) => each.verb === "upload" && request.verb === "upload");
    if (waiting.value.length >= MOST_WAITING || isKnown) {
      this.#listener.refused("A program asks for more than is waiting for your answer already.");
      return ANSWER.REFUSED;
    }
    waiting.value = [...waiting.value, request];
    return request.verb === "upload" ? ANSWER.TAKEN : ANSWER.ASKS;
  }
}
