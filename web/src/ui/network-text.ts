import { signal } from "@preact/signals";
import type { BlockedConnection, NetworkStatus } from "warmboot";

/** Whether the browser has any network at all. */
const hasNetwork = signal(navigator.onLine);
for (const event of ["online", "offline"])
  addEventListener(event, () => {
    hasNetwork.value = navigator.onLine;
  });

const NETWORK_TEXTS: Readonly<Record<NetworkStatus["state"], string>> = {
  off: "no network",
  connecting: "connecting",
  online: "online",
  refused: "network refused",
  lost: "network lost",
};

const REASONS: Readonly<Record<BlockedConnection["reason"], string>> = {
  policy: "the relay does not allow it",
  limit: "one of the relay's limits is reached",
  overrun: "nobody in the machine read what arrived",
  "no-udp": "the relay carries no UDP",
};

/** Why a connection was refused, in a sentence. */
export function describeBlocked({ host, port, reason }: BlockedConnection): string {
  const where = [host || "An address", port > 0 && `port ${port}`].filter(Boolean).join(", ");
  return `${where}: ${REASONS[reason]}.`;
}

/** Not `online`: a relay on this computer can be reached all the same. */
const isCutOff = ({ state }: NetworkStatus): boolean =>
  !hasNetwork.value && (state === "connecting" || state === "lost" || state === "refused");

/** How the way to the network stands, in the words of the bar. */
export const nameNetwork = (status: NetworkStatus): string =>
  isCutOff(status) ? "browser offline" : NETWORK_TEXTS[status.state];

/** Why the way to the network is as it is. */
export function describeNetwork(status: NetworkStatus): string {
  const { state, reason } = status;
  if (isCutOff(status)) return `This browser has no network.${reason ? ` ${reason}` : ""}`;
  return reason ?? (state === "off" ? "No relay is chosen for the network." : "");
}
