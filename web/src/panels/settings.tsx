import { useId, useState } from "preact/hooks";
import {
  BELLS,
  changeSettings,
  DEFAULT_SETTINGS,
  FONT_SIZE,
  NEW_MEMORY,
  SCROLLBACK,
  type Settings,
  settings,
  THEMES,
} from "../settings.ts";
import { isMac } from "../ui/is-mac.ts";
import { Log } from "../ui/log.tsx";
import type { PanelProps } from "./panel.ts";
import { NumberField, SelectField, Switch, TextField } from "./settings/fields.tsx";
import { Keys } from "./settings/keys.tsx";
import { OfflineSection } from "./settings/offline-section.tsx";

const THEME_NAMES: Readonly<Record<Settings["theme"], string>> = {
  system: "As the system",
  light: "Light",
  dark: "Dark",
  contrast: "High contrast",
};

const BELL_NAMES: Readonly<Record<Settings["bell"], string>> = { off: "Nothing", flash: "A flash", sound: "A sound" };

const MEMORY_NAMES: Readonly<Record<Settings["newMemory"], string>> = {
  device: "What suits the image and this device",
  "128": "128 MiB",
  "256": "256 MiB",
  "512": "512 MiB",
  "1024": "1024 MiB",
};

/** What a person can choose, and what helps. */
export function SettingsPanel({ page }: PanelProps) {
  return (
    <>
      <section>
        <h3>Looks</h3>
        <SelectField setting="theme" label="Colours" values={THEMES} names={THEME_NAMES} />
        <NumberField setting="fontSize" label="Size of text in terminals, in pixels" {...FONT_SIZE} />
        <TextField setting="fontFamily" label="Font of terminals" placeholder="The page's choice" />
      </section>
      <section>
        <h3>Terminals</h3>
        <NumberField setting="scrollback" label="Lines kept above the screen" {...SCROLLBACK} step={500} />
        <SelectField setting="bell" label="The bell gives" values={BELLS} names={BELL_NAMES} />
        <Switch setting="copyOnSelect" label="Copy what is selected" />
        {isMac && <Switch setting="altIsMeta" label="Option is Meta (Escape and the key)" />}
        <Switch setting="screenReader" label="Screen reader mode: terminals announce what they show" />
        <Switch setting="images" label="Show pictures (SIXEL and iTerm2's)" />
        <Switch setting="graphemes" label="Draw joined emoji as one; most programs count them apart" />
        <Switch setting="webgl" label="Draw with the graphics card, if it can" />
      </section>
      <section>
        <h3>Machines</h3>
        <SelectField setting="newMemory" label="Memory of new machines" values={NEW_MEMORY} names={MEMORY_NAMES} />
        <Switch setting="autosave" label="Save by itself; a change is for the next start of a machine" />
      </section>
      <OfflineSection page={page} />
      <Reset />
      <section>
        <h3>Keys</h3>
        <Keys />
      </section>
      <section>
        <h3>Kernel log</h3>
        <Log text={page.kernelLog.length > 0 ? page.kernelLog.join("\n") : "The kernel has said nothing yet."} />
      </section>
    </>
  );
}

function Reset() {
  const [said, setSaid] = useState(false);
  const id = useId();
  const isDefault = Object.entries(DEFAULT_SETTINGS).every(
    ([key, value]) => settings.value[key as keyof Settings] === value,
  );
  const reset = () => {
    changeSettings(DEFAULT_SETTINGS);
    setSaid(true);
  };
  return (
    <section>
      <div class="actions">
        <button type="button" class="button plain" disabled={isDefault} aria-describedby={id} onClick={reset}>
          All as it was at first
        </button>
      </div>
      <p id={id} class="quiet" role="status">
        {said && isDefault ? "Done." : "Settings are kept in this browser, for all machines."}
      </p>
    </section>
  );
}
