import command from "@warmboot/image/commands/download?raw";
import type { KernelSession } from "warmboot";
import type { MachinePage } from "../machine-page.tsx";
import { FilesCorner } from "./corner.tsx";
import { takeDrops } from "./drop.ts";
import { PageFiles } from "./page-files.ts";

const PLACE = `cd /usr/local/bin && { test -e download || { cat > download && chmod 755 download; }; test -e upload || ln -s download upload; }`;

const started = new WeakSet<MachinePage>();

/** Takes dropped files and requests of the guest from now on. To be called whenever a machine answers. */
export function startFiles(page: MachinePage, session: KernelSession): void {
  if (session.info.agent !== "") void placeCommands(session);
  if (started.has(page)) return;
  started.add(page);
  const files = PageFiles.of(page);
  const isOver = takeDrops(files);
  page.state.corner.value = () => <FilesCorner files={files} isOver={isOver} />;
}

/** A machine that was booted from the disk, and not from the booted state, has no `download` and `upload` yet. */
async function placeCommands(session: KernelSession): Promise<void> {
  if (!["new", "cold"].includes(session.opened.how)) return;
  // Without them all else works; what ends the machine is told elsewhere.
  await session.exec(PLACE, { stdin: command }).catch(() => {});
}
