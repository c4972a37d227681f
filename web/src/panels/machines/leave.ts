import type { MachinePage } from "../../machine-page.tsx";
import { ask } from "../../ui/dialog.tsx";
import { describeProblem } from "./problem.tsx";

/** Parameters that are the page's and not the machine's. */
const KEPT = ["engine", "network", "theme"];

/** The page's address with another machine on it. */
export function addressOf(machine: string, more: Readonly<Record<string, string>> = {}): string {
  const address = new URL(location.href);
  const kept = [...address.searchParams].filter(([name]) => KEPT.includes(name));
  address.search = new URLSearchParams([...kept, ...Object.entries({ machine, ...more })]).toString();
  return address.href;
}

/** Goes to another machine; this one is saved before, or the person says that it need not be. */
export async function leaveFor(page: MachinePage, address: string): Promise<void> {
  if (await mayLeave(page)) location.assign(address);
}

/** Saves the machine. Resolves to whether the page can be left: it was saved, or the person says that it need not be. */
export async function mayLeave(page: MachinePage): Promise<boolean> {
  const { session, state, name } = page;
  const runs = ["running", "paused", "off"].includes(state.phase.value);
  if (!runs) return true;
  if (!session || name === null) return agrees(page, "This machine is not kept: it is gone when you leave it.");
  const { saved } = state;
  // The bar says what is waited for.
  saved.value = { ...saved.value, saving: true };
  const failure = await session.save().then(
    () => null,
    (error: unknown) => error,
  );
  saved.value = { ...saved.value, saving: false };
  return failure === null || agrees(page, `This machine could not be saved. ${describeProblem(failure)[0]}`);
}

function agrees(page: MachinePage, text: string): Promise<boolean> {
  return ask(page.state, { title: "Leave this machine?", text, agree: "Leave it", refuse: "Stay" });
}
