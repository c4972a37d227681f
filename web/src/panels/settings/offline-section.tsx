import { useEffect, useState } from "preact/hooks";
import type { MachinePage } from "../../machine-page.tsx";
import { type Obstacle, type OfflineState, offlineCopy } from "../../offline/offline-copy.ts";
import { workOf } from "../../offline/start.ts";
import { formatBytes, formatUsed } from "../../ui/bytes.ts";
import { ask } from "../../ui/dialog.tsx";

const OBSTACLES: Readonly<Record<Obstacle, string>> = {
  "saves-data": "This connection saves data, so the rest is fetched only when you ask for it.",
  "no-room": "The browser has not enough room for the rest.",
  unreachable: "The site could not be reached for the rest. It is tried again when there is a network.",
  unsupported: "This browser, or this address, does not let a page be kept. With a network everything works.",
};

/** What there is for use without a network, and the way to have it or to be rid of it. */
export function OfflineSection({ page }: { readonly page: MachinePage }) {
  useEffect(() => offlineCopy.start(() => workOf(page.state)), [page]);
  const [removing, setRemoving] = useState(false);
  const state = offlineCopy.state.value;
  const { is, kept, total, obstacle } = state;
  const remove = async () => {
    if (!(await agreesToRemove(page))) return;
    setRemoving(true);
    const failed = (error: unknown) => page.state.notify("Not all that was kept is removed.", String(error));
    await offlineCopy.remove().catch(failed);
    setRemoving(false);
  };
  return (
    <section aria-label="Without a network">
      <h3>Without a network</h3>
      <p role="status">{removing ? "Being removed." : describe(state)}</p>
      {is === "keeping" && total !== null && (
        <meter aria-label="Available offline" min={0} max={total} value={kept}>
          {formatUsed(kept, total)}
        </meter>
      )}
      {obstacle !== "unsupported" && (
        <div class="actions">
          {(is === "part" || is === "none") && (
            <button type="button" class="button plain" disabled={removing} onClick={() => offlineCopy.keepAll()}>
              Keep everything for offline use
            </button>
          )}
          {is !== "none" && is !== "unknown" && (
            <button type="button" class="button plain" disabled={removing} onClick={remove}>
              Remove what is kept
            </button>
          )}
        </div>
      )}
      <p class="quiet">This is version {WARMBOOT_VERSION} of the site.</p>
    </section>
  );
}

function describe({ is, kept, total, obstacle }: OfflineState): string {
  if (is === "unknown") return "Looking what is kept.";
  if (is === "none") return "Nothing is kept for use without a network.";
  if (is === "all")
    return `Available offline: everything, ${formatBytes(kept)}. The page opens, and machines run, with all that the image has.`;
  if (obstacle === "unsupported") return OBSTACLES.unsupported;
  const size = total === null ? formatBytes(kept) : `about ${formatUsed(kept, total)}`;
  const rest = obstacle === null ? "The rest is being fetched, mostly while the machine rests." : OBSTACLES[obstacle];
  return `Available offline: ${size}. ${rest} Without a network, programs fail that need what is not here.`;
}

function agreesToRemove(page: MachinePage): Promise<boolean> {
  return ask(page.state, {
    title: "Remove what is kept for offline use?",
    text: "Machines and what was saved of them stay, but without a network the page cannot be opened any more, and a machine that runs cannot read what it has not read before.",
    agree: "Remove it",
    refuse: "Keep it",
  });
}
