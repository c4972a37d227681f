import { PencilLine } from "lucide";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { shownName, stepsTo } from "../../files/paths.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import type { FileBrowser } from "./browser.ts";

/** Where we are: a link to each step, or the path as text. */
export function PathBar({ browser }: { readonly browser: FileBrowser }) {
  const [isTyping, setTyping] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const hasTyped = useRef(false);
  useLayoutEffect(() => {
    if (hasTyped.current && !isTyping) pencil.current?.focus();
    hasTyped.current = isTyping;
  }, [isTyping]);
  if (isTyping) return <PathField browser={browser} onEnd={() => setTyping(false)} />;
  const steps = stepsTo(browser.view.path.value);
  return (
    <div class="path-bar">
      <nav aria-label="Path">
        <ol>
          {steps.map(({ name, path }, at) => (
            <li key={path}>
              <button
                type="button"
                class="step"
                aria-current={at === steps.length - 1 ? "location" : undefined}
                onClick={() => browser.go(path)}
              >
                {shownName(name)}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <IconButton ref={pencil} icon={PencilLine} label="Type a path" onClick={() => setTyping(true)} />
    </div>
  );
}

function PathField({ browser, onEnd }: { readonly browser: FileBrowser; readonly onEnd: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  // WHY before the next key: who types on at once means this field.
  useLayoutEffect(() => input.current?.select(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    const why = await browser.goTyped(input.current?.value ?? "");
    if (why === null) onEnd();
    else setProblem(why);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    // Of the field, and not of the panel.
    event.preventDefault();
    onEnd();
  };
  return (
    <form class="path-field" onSubmit={submit}>
      <input
        ref={input}
        class="entry"
        type="text"
        aria-label="Path"
        aria-invalid={problem !== null}
        aria-describedby="path-problem"
        defaultValue={browser.view.path.value}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onKeyDown={onKeyDown}
      />
      <button type="submit" class="button plain">
        Go
      </button>
      <p id="path-problem" class="bad" role="alert">
        {problem}
      </p>
    </form>
  );
}
