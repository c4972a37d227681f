import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { MachinePage } from "../machine-page.tsx";
import { byId } from "./broken-page.ts";
import { FindBar } from "./find-bar.tsx";
import type { MenuAt } from "./terminal-menu.tsx";

/** What can be opened over a terminal: the search, and the menu of the right mouse button. */
export function TerminalTools({ page }: { readonly page: MachinePage }) {
  const terminal = page.state.finding.value;
  return (
    <>
      {terminal && <FindBar key={terminal.id} terminal={terminal} onClose={() => closeFind(page)} />}
      <MenuOnWish page={page} />
    </>
  );
}

function closeFind(page: MachinePage): void {
  const terminal = page.state.finding.value;
  page.state.finding.value = null;
  terminal?.term.focus();
}

type MenuComponent = FunctionComponent<MenuAt & { readonly page: MachinePage; readonly onClose: () => void }>;

/** The menu's code comes when it is opened first. */
function MenuOnWish({ page }: { readonly page: MachinePage }) {
  const [at, setAt] = useState<MenuAt | null>(null);
  const [Menu, setMenu] = useState<MenuComponent | null>(null);
  useEffect(() => {
    const panels = byId("panels");
    const open = (event: MouseEvent) => {
      // With Shift the browser's own, for what only that can do.
      if (event.shiftKey) return;
      event.preventDefault();
      const area = panels.getBoundingClientRect();
      const isKey = event.button !== 2;
      setAt({ x: isKey ? area.x + 40 : event.clientX, y: isKey ? area.y + 40 : event.clientY });
      void import("./terminal-menu.tsx").then(({ TerminalMenu }) => setMenu(() => TerminalMenu));
    };
    // xterm.js moves its text field under the pointer for the browser's own menu: not when that does not come.
    panels.addEventListener("contextmenu", open, { capture: true });
    return () => panels.removeEventListener("contextmenu", open, { capture: true });
  }, []);
  return at && Menu ? <Menu key={`${at.x} ${at.y}`} page={page} {...at} onClose={() => setAt(null)} /> : null;
}
