import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { MachinePage } from "../../machine-page.tsx";
import { Dialog, openDialog } from "../../ui/dialog.tsx";
import { freeName, nameProblem } from "../../ui/machine-name.ts";
import { describeProblem } from "./problem.tsx";

/** Asks whether the machine is to go back to a snapshot, and whether its present state is to be kept; then does it. */
export async function askToGoBack(page: MachinePage, snapshot: string, names: readonly string[]): Promise<void> {
  const session = page.session;
  const canKeep = session !== null && (page.state.usable.value || page.state.phase.value === "off");
  const answer = await openDialog<{ readonly keepAs: string | null } | null>(page.state, (close) => (
    <GoBack snapshot={snapshot} names={names} canKeep={canKeep} onClose={close} />
  ));
  if (!answer) return;
  try {
    if (answer.keepAs !== null) await session?.save({ snapshot: answer.keepAs });
  } catch (error) {
    const [text, hint] = describeProblem(error);
    page.state.notify("The machine did not go back: its present state could not be kept.", `${text} ${hint}`);
    return;
  }
  page.start({ snapshot });
}

interface GoBackProps {
  readonly snapshot: string;
  readonly names: readonly string[];
  /** The machine can be saved. */
  readonly canKeep: boolean;
  readonly onClose: (answer: { readonly keepAs: string | null } | null) => void;
}

function GoBack({ snapshot, names, canKeep, onClose }: GoBackProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [keeps, setKeeps] = useState(canKeep);
  const [name, setName] = useState(() => freeName(`before ${snapshot}`, names));
  const problem = keeps ? nameProblem(name.trim(), names) : null;
  useLayoutEffect(() => input.current?.setCustomValidity(problem ?? ""), [problem]);
  const close = (answer: string) => onClose(answer === "yes" ? { keepAs: keeps ? name.trim() : null } : null);
  return (
    <Dialog title={`Go back to "${snapshot}"?`} onClose={close}>
      <p>The machine goes on as it was then. What has changed since, in files and programs, is left behind.</p>
      {canKeep && (
        <div class="field">
          <label>
            <input type="checkbox" checked={keeps} onChange={(event) => setKeeps(event.currentTarget.checked)} /> Keep
            its present state too, as a snapshot
          </label>
          {keeps && (
            <>
              <input
                ref={input}
                class="entry"
                value={name}
                aria-label="Name of the present state"
                aria-invalid={problem !== null}
                aria-describedby={id}
                autocomplete="off"
                onInput={(event) => setName(event.currentTarget.value)}
              />
              <p id={id} class="problem" hidden={problem === null}>
                {problem}
              </p>
            </>
          )}
        </div>
      )}
      <div class="actions">
        <button type="submit" class="button primary" value="yes">
          Go back
        </button>
        <button type="submit" class="button plain" value="no" formNoValidate>
          Stay here
        </button>
      </div>
    </Dialog>
  );
}
