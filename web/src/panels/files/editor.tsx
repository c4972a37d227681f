import { ArrowLeft, Download } from "lucide";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { outgoingOf } from "../../files/download.ts";
import { baseName, shownName } from "../../files/paths.ts";
import { ask } from "../../ui/dialog.tsx";
import { Icon } from "../../ui/icon.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import type { FileBrowser } from "./browser.ts";
import type { Editing } from "./editing.ts";
import { askChanged } from "./questions.tsx";

interface EditorProps {
  readonly browser: FileBrowser;
  readonly editing: Editing;
}

/** A text file, in the place of the list. */
export function Editor({ browser, editing }: EditorProps) {
  const { state } = browser.files.page;
  const name = shownName(baseName(editing.path));
  const isDirty = editing.isDirty.value;
  const save = () => void editing.save(() => askChanged(state, name));
  const close = async () => {
    // The question stands there already.
    if (state.dialogs.value.length > 0) return;
    const agreed =
      !editing.isDirty.value ||
      (await ask(state, {
        title: `Drop what you changed in ${name}?`,
        text: "It has not been saved.",
        agree: "Drop it",
        refuse: "Go on editing",
      }));
    if (agreed) browser.editing.value = null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) save();
    else if (event.key === "Escape") void close();
    else return;
    event.preventDefault();
  };
  useWarning(isDirty);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its keys, wherever the focus is in it.
    <div class="editor" onKeyDown={onKeyDown}>
      <div class="editor-bar">
        <IconButton icon={ArrowLeft} label="Back to the files" onClick={close} />
        <h3 title={shownName(editing.path)}>{name}</h3>
        <button
          type="button"
          class="button primary"
          title="Save (Ctrl+S)"
          disabled={!isDirty || editing.state.value !== "ready"}
          onClick={save}
        >
          Save
        </button>
      </div>
      <Content browser={browser} editing={editing} name={name} />
      <p class="editor-state quiet" role="status">
        {stateText(editing)}
      </p>
    </div>
  );
}

function stateText(editing: Editing): string {
  if (editing.state.value === "loading") return "Reading…";
  if (editing.state.value === "saving") return "Saving…";
  if (editing.state.value === "unusable") return "";
  if (editing.isDirty.value) return "Changed, not saved";
  return editing.isSaved.value ? "Saved" : "As it is in the machine";
}

function Content({ browser, editing, name }: EditorProps & { readonly name: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const state = editing.state.value;
  const file = editing.file.value;
  const isThere = file !== null && state !== "loading";
  useLayoutEffect(() => {
    if (isThere) field.current?.focus();
  }, [isThere]);
  return (
    <>
      {editing.problem.value !== null && (
        <div class="bad" role="alert">
          <p>{editing.problem.value}</p>
          {state === "unusable" && (
            <button
              type="button"
              class="button plain"
              onClick={() => browser.files.download(name, (session) => outgoingOf(session, editing.path))}
            >
              <Icon of={Download} /> Download it
            </button>
          )}
        </div>
      )}
      {isThere && (
        <textarea
          ref={field}
          class="editor-text"
          aria-label={`Text of ${name}`}
          defaultValue={editing.text}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          wrap="off"
          onInput={(event) => {
            editing.text = event.currentTarget.value;
          }}
        />
      )}
    </>
  );
}

/** The browser asks before it leaves the page with something unsaved. */
function useWarning(isDirty: boolean): void {
  useEffect(() => {
    if (!isDirty) return;
    const warn = (event: Event) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isDirty]);
}
