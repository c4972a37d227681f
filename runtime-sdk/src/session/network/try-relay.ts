import { type OpenSocket, RelayLink, readRelayAddress } from "../../net/index.ts";
import { abortable } from "../within.ts";
import { checkRelay, type NetworkStatus, type RelayOptions, relayOf, tokenOf } from "./options.ts";
import { statusOf } from "./status.ts";

/** Options of `tryRelay`. */
export interface TryRelayOptions {
  /** Longest wait for the relay, in ms. @default 30000 */
  readonly timeoutMs?: number;
  /** Rejects with AbortedError. */
  readonly signal?: AbortSignal;
}

/** Connects to a relay as a machine does, says how that went, and gives the connection up. @throws InvalidOptionError, AbortedError */
export async function tryRelayBy(
  openSocket: OpenSocket,
  options: RelayOptions,
  { timeoutMs = 30_000, signal = new AbortController().signal }: TryRelayOptions,
): Promise<NetworkStatus> {
  checkRelay(options);
  const settings = relayOf(options);
  const link = new RelayLink({
    openSocket,
    credentials: () => tokenOf(options),
    changed: () => {},
    overrun: () => {},
  });
  try {
    link.use(settings && readRelayAddress(settings.url, settings.allowPlain));
    await abortable(link.settled(timeoutMs), "the test of the relay", signal);
    const status = statusOf(link.state);
    if (status.state !== "connecting") return { ...status, retryInMs: null };
    return { state: "lost", reason: `no answer in ${timeoutMs} ms`, code: null, retryInMs: null };
  } finally {
    link.close();
  }
}
