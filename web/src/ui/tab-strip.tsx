import { Plus, X } from "lucide";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { MachinePage } from "../machine-page.tsx";
import type { ShellTerminal } from "../terminal/shell-terminal.ts";
import { Icon } from "./icon.tsx";
import { IconButton } from "./icon-button.tsx";

const DRAG_TYPE = "application/x-warmboot-tab";
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
    if (step !== undefined && event.shiftKey) {
      terminals.move(active, list.indexOf(active) + step);
      // An element that is moved loses the focus.
      requestAnimationFrame(() => focusTab(active));
    } else if (step !== undefined) {
      const next = list[(list.indexOf(active) + step + list.length) % list.length];
      if (next) terminals.select(next);
      focusTab(terminals.active.value);
    } else if (event.key === "Enter" || event.key === " ") {
      active.term.focus();
    } else if (event.key === "F2") {
      page.naming.value = active;
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
        <IconButton id="new-terminal" icon={Plus} label="New terminal" onClick={() => page.addTerminal()} />
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
  const name = () => {
    page.naming.value = terminal;
  };
  // The tab that is dragged takes the place of the one it is dropped on.
  const drop = (event: DragEvent) => {
    const dragged = event.dataTransfer?.getData(DRAG_TYPE);
    const { list } = page.terminals;
    const moved = list.value.find(({ id }) => String(id) === dragged);
    if (!moved) return;
    event.preventDefault();
    page.terminals.move(moved, list.value.indexOf(terminal));
    page.terminals.select(moved);
    moved.term.focus();
  };
  if (page.naming.value === terminal) return <NameField page={page} terminal={terminal} />;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list of tabs has the keys.
    <div
      ref={tab}
      class="tab"
      role="tab"
      id={tabId(terminal)}
      aria-controls={`panel-${terminal.id}`}
      aria-keyshortcuts="Delete F2 Shift+ArrowLeft Shift+ArrowRight"
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      draggable
      onClick={open}
      onDblClick={name}
      onDragStart={(event) => event.dataTransfer?.setData(DRAG_TYPE, String(terminal.id))}
      onDragOver={(event) => event.dataTransfer?.types.includes(DRAG_TYPE) && event.preventDefault()}
      onDrop={drop}
    >
      {terminal.title.value === "" ? (
        <span>
          <span class="word">Terminal </span>
          {terminal.id}
        </span>
      ) : (
        <span class="title">{terminal.title.value}</span>
      )}
      <span class="close" aria-hidden="true" title="Close terminal" onClick={close}>
        <Icon of={X} />
      </span>
    </div>
  );
}

/** In the place of a tab while it is given a name; an empty one gives it its number back. */
function NameField({ page, terminal }: Omit<TabProps, "selected">) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const end = (keep: boolean) => {
    if (page.naming.value !== terminal) return;
    if (keep) terminal.rename(field.current?.value ?? "");
    page.naming.value = null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Its keys are not the tabs'.
    event.stopPropagation();
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    end(event.key === "Enter");
    requestAnimationFrame(() => focusTab(terminal));
  };
  return (
    <input
      ref={field}
      class="tab-name"
      aria-label={`Name of terminal ${terminal.id}`}
      maxLength={60}
      value={terminal.title.value}
      onKeyDown={onKeyDown}
      onBlur={() => end(true)}
    />
  );
}

const tabId = (terminal: ShellTerminal): string => `tab-${terminal.id}`;

/** Puts the focus on the tab of a terminal. */
export function focusTab(terminal: ShellTerminal | null): void {
  if (terminal) document.getElementById(tabId(terminal))?.focus();
}
