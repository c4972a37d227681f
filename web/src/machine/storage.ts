import { savedMachines } from "warmboot";
import { formatBytes } from "../ui/bytes.ts";

let asked = false;

/** Asks the browser, once, not to delete what is kept when the computer's disk is full. */
export async function keepStorage(): Promise<void> {
  if (asked) return;
  asked = true;
  await navigator.storage?.persist?.().catch(() => false);
}

/** Says what is kept, how much room there is, and whether the browser may delete it. `name`: null for a machine that is not kept. */
export async function describeStorage(name: string | null): Promise<string> {
  if (name === null) return "This machine is not kept: it is gone when this tab is closed.";
  const { quota = 0 } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  const isSafe = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
  const list = await savedMachines()
    .list()
    .catch(() => []);
  const own = list.find((machine) => machine.name === name);
  const sentences = [
    `This machine is kept in this browser, as "${name}"${own ? ` (${formatBytes(own.bytes)})` : "; it has not been saved yet"}.`,
    list.length > 1 &&
      `All ${list.length} machines take ${formatBytes(list.reduce((sum, { bytes }) => sum + bytes, 0))}.`,
    quota > 0 && `The browser has room for ${formatBytes(quota)}.`,
    isSafe
      ? "It will not delete them by itself."
      : "It may delete them when the computer's disk is full, or when you clear the data of this site.",
  ];
  return sentences.filter(Boolean).join(" ");
}
