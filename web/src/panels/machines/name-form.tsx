import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { focusIsLost } from "../../ui/focus.ts";
import { nameProblem } from "../../ui/machine-name.ts";
import { Problem } from "./problem.tsx";

interface NameFormProps {
  readonly label: string;
  readonly initial: string;
  /** The button that does it. */
  readonly action: string;
  /** Names that there are. */
  readonly taken: readonly string[];
  /** What it throws is shown. */
  readonly onSubmit: (name: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asks for a name, in place. Enter does it, Escape does not. */
export function NameForm({ label, initial, action, taken, onSubmit, onClose }: NameFormProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // WHY before the next key: who types on at once means this field.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const form = input.current?.form;
    input.current?.focus();
    input.current?.select();
    return () => {
      const isFree = focusIsLost() || form?.contains(document.activeElement);
      if (before instanceof HTMLElement && isFree) before.focus();
    };
  }, []);
  const problem = nameProblem(name.trim(), taken);
  const shown = problem !== null && (tried || name !== initial) ? problem : null;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (problem !== null || busy) return;
    setBusy(true);
    setError(null);
    try {
      await onSubmit(name.trim());
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    onClose();
  };
  return (
    <form class="form name-form" onSubmit={submit} onKeyDown={onKeyDown}>
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={input}
        class="entry"
        value={name}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={shown !== null}
        aria-describedby={`${id}-problem`}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <p id={`${id}-problem`} class="problem" aria-live="polite" hidden={shown === null}>
        {shown}
      </p>
      <Problem of={error} />
      <div class="actions">
        <button type="submit" class="button primary" disabled={busy}>
          {busy ? "One moment…" : action}
        </button>
        <button type="button" class="button plain" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}
