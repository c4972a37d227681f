import { Save } from "lucide";
import { useEffect, useState } from "preact/hooks";
import type { MachinePage } from "../machine-page.tsx";
import type { Saved } from "../page-state.ts";
import { formatAgo } from "./ago.ts";
import { formatBytes } from "./bytes.ts";
import { Icon } from "./icon.tsx";

const TICK_MS = 1000;

/** The part of the bar that says when the machine was last saved; pressed, it saves it now. */
export function SaveButton({ page }: { readonly page: MachinePage }) {
  const { state } = page;
  const saved = state.saved.value;
  const now = useNow();
  if (page.name === null || !(state.usable.value || state.phase.value === "off")) return null;
  const press = (event: MouseEvent) => {
    // A key gives no detail; who came by keyboard stays on the button, and who came by pointer wants to type on.
    if (event.detail > 0) page.terminals.active.value?.term.focus();
    void page.save();
  };
  return (
    <button id="save" class="save" type="button" title="Save now" data-failed={saved.failed} onClick={press}>
      <Icon of={Save} />
      <span class="when">{describeSaved(saved, now)}</span>
    </button>
  );
}

function describeSaved({ at, bytes, failed, saving }: Saved, now: number): string {
  if (saving) return "Saving…";
  if (failed) return at === null ? "Not saved" : `Not saved for ${formatAgo(now - at)}`;
  if (at === null) return "Not saved yet";
  return `Saved ${formatAgo(now - at)} ago${bytes === null ? "" : ` · ${formatBytes(bytes)}`}`;
}

/** The time, anew each second while the page is seen. */
function useNow(): number {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && tick((count) => count + 1), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return Date.now();
}
