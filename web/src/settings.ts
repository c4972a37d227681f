import { type ReadonlySignal, signal } from "@preact/signals";

/** What a person chose; kept in this browser, for all machines of this site. */
export interface Settings {
  readonly theme: "system" | "light" | "dark" | "contrast";
  /** Of terminals, in CSS pixels. */
  readonly fontSize: number;
  /** Of terminals; empty: the page's own choice. */
  readonly fontFamily: string;
  /** Lines that are kept above the screen. */
  readonly scrollback: number;
  readonly bell: "off" | "flash" | "sound";
  /** Terminals say what they show to screen readers. It costs time at every line. */
  readonly screenReader: boolean;
  readonly copyOnSelect: boolean;
  /** On a Mac Option gives Meta (Escape and the key) instead of the characters of the keyboard. Elsewhere Alt always does. */
  readonly altIsMeta: boolean;
  /** Pictures in terminals, as SIXEL or in iTerm2's way. */
  readonly images: boolean;
  /** Characters of several code points are drawn as one. The guest's own programs count them one by one. */
  readonly graphemes: boolean;
  /** Draw terminals with the graphics card, where there is one. */
  readonly webgl: boolean;
  /** A machine that is kept is saved without being told. */
  readonly autosave: boolean;
  /** MiB of memory of new machines; `device`: what the image says, and less on a computer that has little. */
  readonly newMemory: "device" | "128" | "256" | "512" | "1024";
  /** What is kept for use without a network: what the connection allows, all of it, or nothing. */
  readonly offline: "auto" | "all" | "none";
}

export const DEFAULT_SETTINGS: Settings = {
  theme: "system",
  fontSize: 14,
  fontFamily: "",
  scrollback: 5000,
  bell: "off",
  screenReader: false,
  copyOnSelect: false,
  altIsMeta: true,
  images: false,
  graphemes: false,
  webgl: true,
  autosave: true,
  newMemory: "device",
  offline: "auto",
};

export const THEMES = ["system", "light", "dark", "contrast"] as const satisfies readonly Settings["theme"][];
export const BELLS = ["off", "flash", "sound"] as const satisfies readonly Settings["bell"][];
export const NEW_MEMORY = ["device", "128", "256", "512", "1024"] as const satisfies readonly Settings["newMemory"][];
const OFFLINE = ["auto", "all", "none"] as const satisfies readonly Settings["offline"][];
export const FONT_SIZE = { min: 8, max: 40 };
export const SCROLLBACK = { min: 0, max: 100_000 };
const LONGEST_FONT = 200;

/** Also read by the script in the page's head that sets the theme. */
const KEY = "warmboot.settings";

/** Takes of unknown data what is a setting; the rest is as it is by default. */
export function readSettings(data: unknown): Settings {
  const given = (typeof data === "object" && data !== null ? data : {}) as Record<string, unknown>;
  const flag = (key: keyof Settings) => {
    const value = given[key];
    return typeof value === "boolean" ? value : (DEFAULT_SETTINGS[key] as boolean);
  };
  const number = (key: "fontSize" | "scrollback", { min, max }: { min: number; max: number }) => {
    const value = given[key];
    return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number)
      : DEFAULT_SETTINGS[key];
  };
  const { fontFamily } = given;
  return {
    theme: THEMES.find((each) => each === given["theme"]) ?? DEFAULT_SETTINGS.theme,
    fontSize: number("fontSize", FONT_SIZE),
    fontFamily: typeof fontFamily === "string" && fontFamily.length <= LONGEST_FONT ? fontFamily : "",
    scrollback: number("scrollback", SCROLLBACK),
    bell: BELLS.find((each) => each === given["bell"]) ?? DEFAULT_SETTINGS.bell,
    screenReader: flag("screenReader"),
    copyOnSelect: flag("copyOnSelect"),
    altIsMeta: flag("altIsMeta"),
    images: flag("images"),
    graphemes: flag("graphemes"),
    webgl: flag("webgl"),
    autosave: flag("autosave"),
    newMemory: NEW_MEMORY.find((each) => each === given["newMemory"]) ?? DEFAULT_SETTINGS.newMemory,
    offline: OFFLINE.find((each) => each === given["offline"]) ?? DEFAULT_SETTINGS.offline,
  };
}

function load(): Settings {
  try {
    return readSettings(JSON.parse(localStorage.getItem(KEY) ?? "null"));
  } catch {
    // No storage here, or something else under this name: the choice lasts as long as the page.
    return DEFAULT_SETTINGS;
  }
}

const current = signal(load());

/** The settings as they are. */
export const settings: ReadonlySignal<Settings> = current;

/** Changes some of them, and keeps them for the next visit. */
export function changeSettings(change: Partial<Settings>): void {
  current.value = readSettings({ ...current.value, ...change });
  try {
    localStorage.setItem(KEY, JSON.stringify(current.value));
  } catch {
    // As above.
  }
}

// Chosen in another tab of this site.
addEventListener("storage", (event) => {
  if (event.key === KEY || event.key === null) current.value = load();
});
