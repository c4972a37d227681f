import type { Machine } from "./machine.ts";
import { spawnRequest } from "./options.ts";
import { within } from "./within.ts";

/** Time that the guest gets to end its processes when it is asked to reboot. */
const SHUTDOWN_MS = 15_000;

/** Has the guest end its processes and write its disk. Resolves when it did, or when the time is up. `changed`: its power went. */
export async function shutDownGuest(machine: Machine, changed: Promise<unknown>): Promise<void> {
  const asked = ask(machine, changed);
  asked.catch(() => {});
  const onTimeout = () => new Error("the guest does not shut down");
  await within(asked, { what: "shutting down", timeoutMs: SHUTDOWN_MS, onTimeout }).catch(() => {});
}

/** Resolves when the guest has reset the computer, or has at least written its disk. */
async function ask(machine: Machine, changed: Promise<unknown>): Promise<void> {
  try {
    // The guest ends its processes, writes its disk and resets the computer; the session does the rest.
    await machine.link.spawn(spawnRequest(["reboot"], {})).started;
    await changed;
  } catch {
    // An image without that command.
    await machine.link.spawn(spawnRequest(["sync"], {})).exit;
  }
}
