import { useEffect, useId, useState } from "preact/hooks";
import { describeStorage } from "../machine/storage.ts";
import { settings } from "../settings.ts";
import { Log } from "../ui/log.tsx";
import type { PanelProps } from "./panel.ts";

const KEYS: readonly (readonly [string, string])[] = [
  ["Ctrl+Shift+C", "copy the selection (on a Mac ⌘C)"],
  ["Ctrl+Shift+V", "paste (on a Mac ⌘V); the right-click menu does both too"],
  ["Ctrl+Shift+M", "leave the terminal for the bar; Enter on a tab goes back"],
  ["← → on the tabs", "change terminal; Delete closes it"],
  ["Shift+Page Up / Down", "scroll back and forth"],
];

/** What a person can choose, and what helps. */
export function SettingsPanel({ page }: PanelProps) {
  const log = page.kernelLog;
  return (
    <>
      <section>
        <h3>Terminals</h3>
        <ScreenReaderMode />
      </section>
      <section>
        <h3>Where the machine is kept</h3>
        <StorageText name={page.name} />
      </section>
      <section>
        <h3>Keys</h3>
        <dl class="keys">
          {KEYS.map(([key, does]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section>
        <h3>Kernel log</h3>
        <Log text={log.length > 0 ? log.join("\n") : "The kernel has said nothing yet."} />
      </section>
    </>
  );
}

function ScreenReaderMode() {
  const id = useId();
  const [on, setOn] = useState(settings.screenReader);
  const change = (wanted: boolean) => {
    settings.screenReader = wanted;
    setOn(wanted);
  };
  return (
    <label for={id}>
      <input id={id} type="checkbox" checked={on} onChange={(event) => change(event.currentTarget.checked)} />
      Screen reader mode: terminals announce what they show
    </label>
  );
}

function StorageText({ name }: { readonly name: string | null }) {
  const [text, setText] = useState("");
  useEffect(() => {
    void describeStorage(name).then(setText);
  }, [name]);
  return <p>{text}</p>;
}
