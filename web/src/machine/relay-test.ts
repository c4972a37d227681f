import { type RelayOptions, tryRelay } from "warmboot";

/** What a try of a relay has shown, for a person. */
export interface RelayVerdict {
  readonly isGood: boolean;
  readonly text: string;
}

const PROBE_MS = 10_000;

/** Connects to a relay as a machine of this page would. @throws InvalidOptionError */
export async function testRelay(options: RelayOptions): Promise<RelayVerdict> {
  const { state, reason, code } = await tryRelay(options);
  if (state === "online") return { isGood: true, text: "It works: the relay takes connections of this page." };
  if (state === "refused") return { isGood: false, text: `The relay refuses: ${reason} (${code}).` };
  // A browser does not tell a page why another site gave it no connection.
  const text = (await isAnswered(String(options.relay)))
    ? `A server answers there, but gives this page no connection. If it is a relay, its list "origins" must have ${location.origin}.`
    : "Nobody answers there.";
  return { isGood: false, text };
}

/** Whether there is any answer at all, even one that this page may not read. */
async function isAnswered(relay: string): Promise<boolean> {
  const address = relay.replace(/^(wisp|ws)(s?):/i, "http$2:");
  try {
    await fetch(address, { mode: "no-cors", cache: "no-store", signal: AbortSignal.timeout(PROBE_MS) });
    return true;
  } catch {
    return false;
  }
}
