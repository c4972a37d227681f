import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { explain } from "../../files/words.ts";
import type { PageState } from "../../page-state.ts";
import { Dialog, openDialog } from "../../ui/dialog.tsx";

interface NameQuestion {
  readonly title: string;
  readonly value: string;
  readonly agree: string;
  /** Does what the name is for. What it throws is shown, and another name can be tried. */
  readonly use: (name: string) => Promise<void>;
}

/** Asks for a name until it can be used, or the person gives up. */
export async function askName(state: PageState, question: NameQuestion): Promise<boolean> {
  const answer = await openDialog<string>(state, (close) => (
    <Dialog title={question.title} onClose={close}>
      <NameField {...question} />
    </Dialog>
  ));
  return answer === "yes";
}

function NameField({ value, agree, use }: NameQuestion) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  // WHY not later: what is typed before would be what is replaced.
  useLayoutEffect(() => {
    const dot = value.lastIndexOf(".");
    input.current?.focus();
    input.current?.setSelectionRange(0, dot > 0 ? dot : value.length);
  }, [value]);
  const submit = async (event: MouseEvent) => {
    // The dialog stays until the name has been used.
    event.preventDefault();
    try {
      await use(input.current?.value ?? "");
      input.current?.closest("dialog")?.close("yes");
    } catch (error) {
      setProblem(explain(error));
      input.current?.focus();
    }
  };
  return (
    <>
      <label for={id}>Name</label>
      <input
        ref={input}
        id={id}
        class="entry"
        type="text"
        defaultValue={value}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-problem`}
      />
      <p id={`${id}-problem`} class="bad" role="alert">
        {problem}
      </p>
      <div class="actions">
        <button type="submit" class="button primary" value="yes" onClick={submit}>
          {agree}
        </button>
        <button type="submit" class="button plain" value="" formNoValidate>
          Cancel
        </button>
      </div>
    </>
  );
}

/** Asks what to do about a file that has changed while it was edited. */
export async function askChanged(state: PageState, name: string): Promise<"overwrite" | "reload" | null> {
  const answer = await openDialog<string>(state, (close) => (
    <Dialog title={`${name} has changed in the machine`} onClose={close}>
      <p>Something else has changed, replaced or removed it since it was opened here.</p>
      <div class="actions">
        <button type="submit" class="button primary" value="">
          Go on editing
        </button>
        <button type="submit" class="button plain" value="overwrite">
          Save mine over it
        </button>
        <button type="submit" class="button plain" value="reload">
          Drop mine and load it
        </button>
      </div>
    </Dialog>
  ));
  return answer === "overwrite" || answer === "reload" ? answer : null;
}
