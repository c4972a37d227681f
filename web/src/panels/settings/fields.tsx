import { useId } from "preact/hooks";
import { changeSettings, type Settings, settings } from "../../settings.ts";

/** The settings whose values are of a type. */
type Of<T> = { [Key in keyof Settings]: Settings[Key] extends T ? Key : never }[keyof Settings];

interface Field<Key extends keyof Settings> {
  readonly setting: Key;
  readonly label: string;
}

export function Switch({ setting, label }: Field<Of<boolean>>) {
  return (
    <label class="switch">
      <input
        type="checkbox"
        checked={settings.value[setting]}
        onChange={(event) => changeSettings({ [setting]: event.currentTarget.checked })}
      />
      {label}
    </label>
  );
}

interface NumberProps extends Field<Of<number>> {
  readonly min: number;
  readonly max: number;
  readonly step?: number;
}

/** A number that cannot be is not taken, and the field says so. */
export function NumberField({ setting, label, min, max, step = 1 }: NumberProps) {
  const id = useId();
  const change = (input: HTMLInputElement) => {
    if (input.reportValidity()) changeSettings({ [setting]: input.valueAsNumber });
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        required
        min={min}
        max={max}
        step={step}
        value={settings.value[setting]}
        onChange={(event) => change(event.currentTarget)}
      />
    </div>
  );
}

export function TextField({ setting, label, placeholder }: Field<"fontFamily"> & { readonly placeholder: string }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        maxLength={200}
        placeholder={placeholder}
        value={settings.value[setting]}
        onChange={(event) => changeSettings({ [setting]: event.currentTarget.value.trim() })}
      />
    </div>
  );
}

/** The settings that are one of some words. */
type Choice = "theme" | "bell" | "newMemory";

interface SelectProps<Key extends Choice> extends Field<Key> {
  readonly values: readonly Settings[Key][];
  readonly names: Readonly<Record<Settings[Key], string>>;
}

export function SelectField<Key extends Choice>({ setting, label, values, names }: SelectProps<Key>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={settings.value[setting]}
        onChange={(event) => changeSettings({ [setting]: event.currentTarget.value })}
      >
        {values.map((value) => (
          <option key={value} value={value}>
            {names[value]}
          </option>
        ))}
      </select>
    </div>
  );
}
