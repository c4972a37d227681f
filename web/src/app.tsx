import { type ComponentChild, render } from "preact";
import { finishDeletions } from "./machine/finish-deletions.ts";
import type { Machine } from "./machine/machine.ts";
import { MachinePage } from "./machine-page.tsx";
import { answerViewers } from "./ports/viewers.ts";
import { Bar } from "./ui/bar.tsx";
import { byId } from "./ui/broken-page.ts";
import { CoverHost, followCover } from "./ui/cover.tsx";
import { DialogHost } from "./ui/dialog.tsx";
import { guardDrops } from "./ui/guard-drops.ts";
import { KeyBar } from "./ui/key-bar.tsx";
import { Notices } from "./ui/notices.tsx";
import { SidePanel } from "./ui/side-panel.tsx";
import { TerminalTools } from "./ui/terminal-tools.tsx";
import { followTheme } from "./ui/theme.ts";

/** Puts the page around a machine that may have been started already. `name`: `null` for one that is not kept. */
export function openPage(machine: Machine, name: string | null): MachinePage {
  followTheme();
  const page = new MachinePage(machine, name, byId("panels"));
  fill("bar", <Bar page={page} />);
  followCover(page);
  fill("overlay", <CoverHost page={page} />);
  fill("terminal-tools", <TerminalTools page={page} />);
  fill("side", <SidePanel page={page} />);
  fill("key-bar", <KeyBar control={page.control} active={() => page.terminals.active.value} />);
  fill("toasts", <Notices page={page} />);
  fill("dialogs", <DialogHost state={page.state} />);
  guardDrops();
  answerViewers(page);
  page.show();
  finishDeletions();
  return page;
}

/** Puts a component where index.html has the frame for it. */
function fill(id: string, content: ComponentChild): void {
  const host = byId(id);
  host.replaceChildren();
  render(content, host);
}
