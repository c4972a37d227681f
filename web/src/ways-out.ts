import { savedMachines, WarmbootError } from "warmboot";
import type { MachinePage } from "./machine-page.tsx";
import { downloadFile } from "./ui/download.ts";
import type { FailureAction } from "./ui/failure-view.tsx";

/** What a person can do about a machine that could not start, or cannot go on. The first is the one that is meant. */
export function waysOut(page: MachinePage, error: unknown): readonly FailureAction[] {
  const code = error instanceof WarmbootError ? error.code : null;
  const { name } = page;
  const ways: FailureAction[] = [
    code === "machine-in-use" || code === "machine-taken-over"
      ? { label: "Use it here", run: () => page.startAgain({ takeover: true }) }
      : { label: "Try again", run: () => page.startAgain() },
  ];
  if (code === "store-failed") ways.push({ label: "Go on without keeping it", run: () => openWith("keep", "no") });
  // Not of a damaged machine: nobody could open what is left of it.
  if (name !== null && code === "image-mismatch")
    ways.push({ label: "Export the machine", run: () => void exportMachine(page, name) });
  // Not when it never answered: there is nothing to read.
  if (page.session) ways.push({ label: "Look at the terminals", run: () => page.lookAtTerminals() });
  return ways;
}

/** Gives a machine that is kept as a file. */
async function exportMachine(page: MachinePage, name: string): Promise<void> {
  try {
    downloadFile(`${name}.warmboot`, await new Response(await savedMachines().export(name)).blob());
  } catch (error) {
    if (!(error instanceof WarmbootError)) throw error;
    page.state.notify("The machine could not be exported.", `${error.message}. ${error.hint}`);
  }
}

/** Opens this page anew with another parameter in its address. */
function openWith(parameter: string, value: string): void {
  const address = new URL(location.href);
  address.searchParams.set(parameter, value);
  location.assign(address);
}
