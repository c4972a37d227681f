import type { PageState } from "../page-state.ts";
import { Dialog, openDialog } from "../ui/dialog.tsx";
import { shownName } from "./paths.ts";
import type { Resolution } from "./upload.ts";

const MOST_SHOWN = 5;
const RESOLUTIONS: Readonly<Record<Resolution, string>> = {
  replace: "Replace",
  "keep-both": "Keep both",
  skip: "Skip",
};

/** Asks what to do about names that are taken; `null`: give it all up. */
export async function askConflict(state: PageState, taken: readonly string[]): Promise<Resolution | null> {
  const answer = await openDialog<string>(state, (close) => (
    <Dialog title={taken.length === 1 ? "The name is taken" : `${taken.length} names are taken`} onClose={close}>
      <ul class="names">
        {taken.slice(0, MOST_SHOWN).map((name) => (
          <li key={name}>{shownName(name)}</li>
        ))}
        {taken.length > MOST_SHOWN && <li>and {taken.length - MOST_SHOWN} more</li>}
      </ul>
      <p class="quiet">
        Replace keeps mode and owner of a file; of a folder, it replaces the files of the same name and leaves the
        others.
      </p>
      <div class="actions">
        {Object.entries(RESOLUTIONS).map(([value, label]) => (
          <button
            key={value}
            type="submit"
            class={value === "keep-both" ? "button primary" : "button plain"}
            value={value}
          >
            {label}
          </button>
        ))}
        <button type="submit" class="button plain" value="">
          Cancel
        </button>
      </div>
    </Dialog>
  ));
  return answer in RESOLUTIONS ? (answer as Resolution) : null;
}
