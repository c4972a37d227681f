import { Save } from "lucide";
import type { MachinePage } from "../machine-page.tsx";
import type { Saved } from "../page-state.ts";
import { formatAgo } from "./ago.ts";
import { formatBytes } from "./bytes.ts";
import { Icon } from "./icon.tsx";
import { useNow } from "./now.ts";

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
