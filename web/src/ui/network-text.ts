import type { BlockedConnection, NetworkStatus } from "warmboot";

/** How the way to the network stands, in the words of the bar. */
export const NETWORK_TEXTS: Readonly<Record<NetworkStatus["state"], string>> = {
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

/** Why the way to the network is as it is. */
export function describeNetwork({ state, reason }: NetworkStatus): string {
  return reason ?? (state === "off" ? "No relay is chosen for the network." : "");
}
