import { createStore, del, get, set } from "idb-keyval";

/** What was on the terminal of a process, as text with control sequences. */
export interface KeptScreen {
  /** Process id in the guest. */
  readonly pid: number;
  /** What the person called it. */
  readonly title?: string;
  readonly text: string;
  /** It is all that the process had drawn at the instant at which the machine was saved. */
  readonly isExact?: boolean;
}

/** The screens of a machine when it was saved. */
export interface KeptScreens {
  /** When it was saved, in ms since 1970: they belong to that state and to no other. */
  readonly savedAt: number;
  readonly screens: readonly KeptScreen[];
}

const MOST_TEXT = 2 ** 20;
const MOST_READ_MS = 3000;

/** WHY beside the machine, and not in it: a screen is the page's; without it nothing is lost but what has scrolled by. */
const store = createStore("warmboot-screens", "screens");

/** Screens of the machine of this name; `null`: there are none, or they are not to be had soon: a shell waits for them. Never rejects. */
export async function keptScreens(name: string): Promise<KeptScreens | null> {
  try {
    const late = new Promise<null>((resolve) => setTimeout(resolve, MOST_READ_MS, null));
    const kept = await Promise.race([get<KeptScreens>(name, store), late]);
    return kept && Array.isArray(kept.screens) && kept.screens.every(isScreen) ? kept : null;
  } catch {
    return null;
  }
}

/** Replaces what was kept. Never rejects. */
export async function keepScreens(name: string, kept: KeptScreens): Promise<void> {
  const screens = kept.screens.filter(isScreen);
  await set(name, { ...kept, screens }, store).catch(() => {});
}

/** Never rejects. */
export async function forgetScreens(name: string): Promise<void> {
  await del(name, store).catch(() => {});
}

function isScreen(screen: unknown): screen is KeptScreen {
  const { pid, title = "", text, isExact = false } = (screen ?? {}) as Partial<KeptScreen>;
  if (typeof pid !== "number" || typeof title !== "string" || typeof isExact !== "boolean") return false;
  return typeof text === "string" && text.length <= MOST_TEXT;
}
