import { useRef } from "preact/hooks";
import type { BootStage } from "warmboot";
import { BOOT_WORDS } from "warmboot/terminal";
import type { PageState } from "../page-state.ts";
import { formatAgo } from "./ago.ts";
import { formatBytes } from "./bytes.ts";
import { Log } from "./log.tsx";
import { useNow } from "./now.ts";

const STAGES: readonly (readonly [BootStage, string])[] = [
  ["download", "Download"],
  ["start", "Set up"],
  ["kernel", "Linux"],
  ["agent", "Agent"],
  ["ready", "Shell"],
];

/** A machine that is restored goes another way. */
const RESTORE_STAGES: readonly (readonly [BootStage, string])[] = [
  ["download", "Download"],
  ["start", "Set up"],
  ["restore", "Restore"],
  ["ready", "Shell"],
];

/** What stands over the terminals until there is a shell: the stage, the bytes, and what the kernel says. */
export function BootView({ state, name }: { readonly state: PageState; readonly name: string | null }) {
  const { stage, loadedBytes, totalBytes } = state.progress.value;
  const restores = useRef(false);
  if (stage === "restore") restores.current = true;
  if (stage === "download") restores.current = false;
  const stages = restores.current ? RESTORE_STAGES : STAGES;
  const at = stages.findIndex(([each]) => each === stage);
  const loaded =
    totalBytes === null ? formatBytes(loadedBytes) : `${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`;
  return (
    <section class="sheet boot" aria-label="Boot">
      <h2>A Linux machine is starting in this tab</h2>
      <ol class="stages">
        {stages.map(([each, label], index) => (
          <li key={each} data-at={index < at ? "done" : ""} {...(index === at && { "aria-current": "step" })}>
            {label}
          </li>
        ))}
      </ol>
      <progress
        max={1}
        aria-label="Download"
        {...(stage === "download" && totalBytes ? { value: loadedBytes / totalBytes } : {})}
      />
      <p>
        {`${BOOT_WORDS[stage]}${loadedBytes > 0 ? ` (${loaded})` : ""}… `}
        <Elapsed />
      </p>
      <BootLog state={state} />
      <p class="quiet">
        {name === null ? "It is gone when you close this tab." : `It is kept in this browser as "${name}".`} What you
        type now goes to the shell when it is there.
      </p>
    </section>
  );
}

/** Since the boot began. */
function Elapsed() {
  const now = useNow();
  const beganAt = useRef(now);
  const ms = now - beganAt.current;
  return ms < 1000 ? null : <span class="quiet">{formatAgo(ms)}</span>;
}

/** WHY of its own: only this is drawn anew for each line of the kernel. */
function BootLog({ state }: { readonly state: PageState }) {
  return <Log text={state.bootLog.value} />;
}
