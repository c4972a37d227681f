import type { ShellTerminal } from "../terminal/shell-terminal.ts";
import type { Terminals } from "../terminal/terminals.ts";
import { element } from "./element.ts";

const STEP: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/**
 * The tabs of the terminals, as the ARIA practices have them: arrows move, Enter goes into the terminal, Delete closes. The cross
 * is for pointers only, since a tab may have no button inside.
 */
export class TabList {
  readonly #host: HTMLElement;
  readonly #terminals: Terminals;
  readonly #tabs = new Map<ShellTerminal, HTMLElement>();

  constructor(host: HTMLElement, terminals: Terminals) {
    this.#host = host;
    this.#terminals = terminals;
    host.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Without a running machine there is nothing to choose. */
  set hidden(hidden: boolean) {
    this.#host.hidden = hidden;
  }

  /** Makes the tabs what the terminals are. */
  update(): void {
    const { list, active } = this.#terminals;
    for (const [terminal, tab] of this.#tabs) {
      if (list.includes(terminal)) continue;
      tab.remove();
      this.#tabs.delete(terminal);
    }
    for (const terminal of list) {
      const tab = this.#tabs.get(terminal) ?? this.#addTab(terminal);
      const selected = terminal === active;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      if (selected) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  /** Puts the focus on the tab of the terminal that is shown. */
  focus(): void {
    const { active } = this.#terminals;
    if (active) this.#tabs.get(active)?.focus();
  }

  #addTab(terminal: ShellTerminal): HTMLElement {
    const close = element("span", {
      class: "close",
      text: "×",
      attributes: { "aria-hidden": "true", title: "Close terminal" },
    });
    close.addEventListener("click", (event) => {
      event.stopPropagation();
      this.#terminals.close(terminal);
    });
    const tab = element("div", {
      class: "tab",
      attributes: {
        role: "tab",
        id: `tab-${terminal.id}`,
        "aria-controls": `panel-${terminal.id}`,
        "aria-keyshortcuts": "Delete",
      },
      children: [
        element("span", { children: [element("span", { class: "word", text: "Terminal " }), String(terminal.id)] }),
        close,
      ],
      onClick: () => {
        this.#terminals.select(terminal);
        terminal.term.focus();
      },
    });
    this.#tabs.set(terminal, tab);
    this.#host.append(tab);
    return tab;
  }

  #onKey(event: KeyboardEvent): void {
    const { list, active } = this.#terminals;
    if (!active || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = STEP[event.key];
    if (step !== undefined) {
      const next = list[(list.indexOf(active) + step + list.length) % list.length];
      if (next) this.#terminals.select(next);
      this.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      active.term.focus();
    } else if (event.key === "Delete") {
      this.#terminals.close(active);
      this.focus();
    } else {
      return;
    }
    event.preventDefault();
  }
}
