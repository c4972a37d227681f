import { connect, machine } from "@zag-js/menu";
import { normalizeProps, useMachine } from "@zag-js/preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { copySelection } from "warmboot/terminal";
import type { MachinePage } from "../machine-page.tsx";
import { pasteInto } from "../terminal/clipboard.ts";
import type { ShellTerminal } from "../terminal/shell-terminal.ts";

/** Where a menu opens, in the window. */
export interface MenuAt {
  readonly x: number;
  readonly y: number;
}

interface TerminalMenuProps extends MenuAt {
  readonly page: MachinePage;
  readonly onClose: () => void;
}

interface Item {
  readonly value: string;
  readonly label: string;
  readonly keys?: string;
  readonly disabled?: boolean;
  run(terminal: ShellTerminal): void;
}

/** What can be done with a terminal and its text; opened by the right mouse button, or by the keyboard's key for that. */
export function TerminalMenu({ page, x, y, onClose }: TerminalMenuProps) {
  const terminal = page.terminals.active.value;
  const items = terminal ? itemsOf(page, terminal) : [];
  const close = () => {
    onClose();
    if (!page.state.finding.value) terminal?.term.focus();
  };
  const service = useMachine(machine, {
    id: useId(),
    "aria-label": "Terminal",
    open: true,
    anchorPoint: { x, y },
    positioning: { placement: "bottom-start" },
    onOpenChange: ({ open }) => !open && close(),
    onSelect: ({ value }) => {
      if (terminal) items.find((item) => item.value === value)?.run(terminal);
    },
  });
  const menu = connect(service, normalizeProps);
  const content = useRef<HTMLDivElement>(null);
  // WHY not left to the menu, which does it a picture later: a key pressed until then would go to the shell.
  useLayoutEffect(() => content.current?.focus({ preventScroll: true }), []);
  return (
    <div {...menu.getPositionerProps()}>
      <div {...menu.getContentProps()} ref={content} class="menu">
        {items.map(({ value, label, keys, disabled = false }) => (
          <div key={value} {...menu.getItemProps({ value, disabled })} class="menu-item">
            <span>{label}</span>
            {keys && <kbd>{keys}</kbd>}
          </div>
        ))}
      </div>
    </div>
  );
}

function itemsOf(page: MachinePage, terminal: ShellTerminal): readonly Item[] {
  const refused = () =>
    page.state.notify("This browser lets no page read the clipboard.", "Press Ctrl+Shift+V instead (on a Mac ⌘V).");
  return [
    {
      value: "copy",
      label: "Copy",
      keys: "Ctrl+Shift+C",
      disabled: !terminal.term.hasSelection(),
      run: ({ term }) => void copySelection(term),
    },
    { value: "paste", label: "Paste", keys: "Ctrl+Shift+V", run: ({ term }) => void pasteInto(term).catch(refused) },
    { value: "select-all", label: "Select all", run: ({ term }) => term.selectAll() },
    {
      value: "find",
      label: "Search",
      keys: "Ctrl+Shift+F",
      run: (each) => {
        page.state.finding.value = each;
      },
    },
    { value: "clear", label: "Clear what scrolled by", run: ({ term }) => term.clear() },
    { value: "new", label: "New terminal", disabled: !page.canOpenTerminals.value, run: () => page.addTerminal() },
    { value: "close", label: "Close this terminal", run: (each) => page.terminals.close(each) },
  ];
}
