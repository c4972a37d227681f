import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { PageState } from "../page-state.ts";

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
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={() => onClose(dialog.current?.returnValue ?? "")}>
      <form method="dialog">
        <h2 id={id}>{title}</h2>
        {children}
      </form>
    </dialog>
  );
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
export function ask(state: PageState, { title, text, agree, refuse }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const close = (answer: string) => {
      state.dialog.value = null;
      resolve(answer === "yes");
    };
    state.dialog.value = () => (
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
    );
  });
}

/** Where dialogs appear. */
export function DialogHost({ state }: { readonly state: PageState }) {
  return <>{state.dialog.value?.()}</>;
}
