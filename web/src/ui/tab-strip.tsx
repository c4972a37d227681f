import { Plus, X } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import type { MachinePage } from "../machine-page.tsx";
import type { ShellTerminal } from "../terminal/shell-terminal.ts";
import { Icon } from "./icon.tsx";

const STEP: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/**
 * The tabs of the terminals, as the ARIA practices have them: arrows move, Enter goes into the terminal, Delete closes. The cross
 * is for pointers only, since a tab may have no button inside.
 */
export function TabStrip({ page }: { readonly page: MachinePage }) {
  const { terminals, state } = page;
  const list = terminals.list.value;
  const active = terminals.active.value;
  const onKeyDown = (event: KeyboardEvent) => {
    if (!active || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = STEP[event.key];
    if (step !== undefined) {
      const next = list[(list.indexOf(active) + step + list.length) % list.length];
      if (next) terminals.select(next);
      focusTab(terminals.active.value);
    } else if (event.key === "Enter" || event.key === " ") {
      active.term.focus();
    } else if (event.key === "Delete") {
      terminals.close(active);
      focusTab(terminals.active.value);
    } else {
      return;
    }
    event.preventDefault();
  };
  return (
    <>
      <div
        id="tabs"
        class="tabs"
        role="tablist"
        aria-label="Terminals"
        tabIndex={-1}
        hidden={!(state.usable.value || page.looksAtTerminals.value)}
        onKeyDown={onKeyDown}
      >
        {list.map((terminal) => (
          <Tab key={terminal.id} page={page} terminal={terminal} selected={terminal === active} />
        ))}
      </div>
      {page.canOpenTerminals.value && (
        <button
          id="new-terminal"
          class="icon-button"
          type="button"
          aria-label="New terminal"
          title="New terminal"
          onClick={() => page.addTerminal()}
        >
          <Icon of={Plus} />
        </button>
      )}
    </>
  );
}

interface TabProps {
  readonly page: MachinePage;
  readonly terminal: ShellTerminal;
  readonly selected: boolean;
}

function Tab({ page, terminal, selected }: TabProps) {
  const tab = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) tab.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [selected]);
  const open = () => {
    page.terminals.select(terminal);
    terminal.term.focus();
  };
  const close = (event: MouseEvent) => {
    event.stopPropagation();
    page.terminals.close(terminal);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list of tabs has the keys.
    <div
      ref={tab}
      class="tab"
      role="tab"
      id={tabId(terminal)}
      aria-controls={`panel-${terminal.id}`}
      aria-keyshortcuts="Delete"
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      onClick={open}
    >
      <span>
        <span class="word">Terminal </span>
        {terminal.id}
      </span>
      <span class="close" aria-hidden="true" title="Close terminal" onClick={close}>
        <Icon of={X} />
      </span>
    </div>
  );
}

const tabId = (terminal: ShellTerminal): string => `tab-${terminal.id}`;

/** Puts the focus on the tab of a terminal. */
export function focusTab(terminal: ShellTerminal | null): void {
  if (terminal) document.getElementById(tabId(terminal))?.focus();
}
