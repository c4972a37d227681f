import { type ComponentChild, type ComponentChildren, Fragment } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import type { OpenDialog, PageState } from "../page-state.ts";

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** `answer`: the value of the button that closed it, empty after Escape. */
  readonly onClose: (answer: string) => void;
}

/** A dialog over all of the page; Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // WHY not after the next picture: a key that is pressed before goes to what is behind.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={() => onClose(dialog.current?.returnValue ?? "")}>
      <form method="dialog">
        <h2 id={id}>{title}</h2>
        {children}
      </form>
    </dialog>
  );
}

let lastId = 0;

/**
 * Shows a dialog as soon as those that stand there already are answered. Resolves to what it is closed with. `render` gives a `Dialog`, which calls `close`
 * when it ends.
 */
export function openDialog<Answer>(
  state: PageState,
  render: (close: (answer: Answer) => void) => ComponentChild,
): Promise<Answer> {
  return new Promise((resolve) => {
    const close = (answer: Answer) => {
      state.dialogs.value = state.dialogs.value.filter((each) => each !== dialog);
      resolve(answer);
    };
    const dialog: OpenDialog = { id: ++lastId, render: () => render(close) };
    state.dialogs.value = [...state.dialogs.value, dialog];
  });
}

interface Question {
  readonly title: string;
  readonly text: string;
  /** The button that says yes. */
  readonly agree: string;
  /** The button that says no. */
  readonly refuse: string;
}

/** Asks before something that cannot be taken back. Resolves to true when the person agrees. */
export async function ask(state: PageState, { title, text, agree, refuse }: Question): Promise<boolean> {
  const answer = await openDialog<string>(state, (close) => (
    <Dialog title={title} onClose={close}>
      <p>{text}</p>
      <div class="actions">
        <button type="submit" class="button primary" value="yes">
          {agree}
        </button>
        <button type="submit" class="button plain" value="no">
          {refuse}
        </button>
      </div>
    </Dialog>
  ));
  return answer === "yes";
}

/** Where dialogs appear. */
export function DialogHost({ state }: { readonly state: PageState }) {
  const [first] = state.dialogs.value;
  return first ? <Fragment key={first.id}>{first.render()}</Fragment> : null;
}
