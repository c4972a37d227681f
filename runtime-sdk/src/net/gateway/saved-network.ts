import { isLanAddress } from "../lan/lan-frame.ts";
import type { Ipv4 } from "../packet/addresses.ts";
import type { SavedConnection } from "../tcp/connections.ts";

/** What of the gateway goes with a saved machine. */
export interface SavedNetwork {
  /** Addresses that the guest may remember, and the names they stand for. */
  readonly names: readonly unknown[];
  /** Connections that programs of the guest may wait for. */
  readonly connections: readonly SavedConnection[];
  /** Its address on its LAN; `null`: it was on none. */
  readonly address: Ipv4 | null;
}

const MAX_CONNECTIONS = 1024;
const NOTHING: SavedNetwork = { names: [], connections: [], address: null };

export function encodeSavedNetwork(network: SavedNetwork): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(network));
}

/** What was saved; nothing of it when it cannot be read. */
export function decodeSavedNetwork(bytes: Uint8Array): SavedNetwork {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value !== "object" || value === null) return NOTHING;
    const { names, connections, address } = value as Record<string, unknown>;
    return {
      names: Array.isArray(names) ? names : [],
      connections: Array.isArray(connections) ? connections.slice(0, MAX_CONNECTIONS).filter(isConnection) : [],
      address: isLanAddress(address) ? address : null,
    };
  } catch {
    return NOTHING;
  }
}

function isConnection(value: unknown): value is SavedConnection {
  if (typeof value !== "object" || value === null) return false;
  const { guest, remote, next, ends } = value as Record<string, unknown>;
  if (![guest, remote, next].every((number) => isWhole(number, 2 ** 32))) return false;
  if (typeof ends !== "object" || ends === null) return false;
  const ports = ends as Record<string, unknown>;
  return isWhole(ports["guest"], 2 ** 16) && isWhole(ports["remote"], 2 ** 16);
}

function isWhole(value: unknown, limit: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < limit;
}
