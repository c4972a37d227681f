/** What the gateways of a LAN tell each other. Everything that comes is checked: another version of this program may have sent it. */
import type { Ipv4 } from "../packet/addresses.ts";
import type { Packet } from "../packet/packet.ts";
import { isLanAddress } from "./lan-frame.ts";

const VERSION = 1;
const ID = /^[0-9a-f]{16}$/;

/** Who has sent a message. */
export type PeerId = string;

export type LanMessage = { readonly from: PeerId } & (
  | /** Wants an address, and takes it if nobody objects. */ { readonly type: "claim"; readonly address: Ipv4 }
  | /** Is there, and has an address. */ { readonly type: "here"; readonly address: Ipv4 }
  /** A packet of its guest. `to`: whom it is for; `null`: all. */
  | { readonly type: "packet"; readonly to: PeerId | null; readonly packet: Packet }
);

export function randomId(): PeerId {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function writeLanMessage(message: LanMessage): unknown {
  return { version: VERSION, ...message };
}

/** `null` for what is no message. */
export function readLanMessage(value: unknown): LanMessage | null {
  if (typeof value !== "object" || value === null) return null;
  const { version, type, from, address, to, packet } = value as Record<string, unknown>;
  if (version !== VERSION || !isId(from)) return null;
  if (type === "claim" || type === "here") return isLanAddress(address) ? { type, from, address } : null;
  if (type !== "packet" || !(packet instanceof Uint8Array)) return null;
  return to === null || isId(to) ? { type, from, to, packet: packet as Packet } : null;
}

function isId(value: unknown): value is PeerId {
  return typeof value === "string" && ID.test(value);
}
