import type { Segment } from "../packet/tcp-segment.ts";
import { RECEIVE_BYTES, Receiver } from "./receiver.ts";
import type { Sender } from "./sender.ts";

/** The factor of our windows, as a power of 2. */
export const SCALE = 4;
/** The least segment that a guest can ask for. */
const LEAST_MSS = 88;

/** Takes what a guest's SYN says: its limits for the sender, and what is received from then on. `scales`: our SYN has, or will have, a factor. */
export function takeSyn(syn: Segment, sender: Sender, scales: boolean, mss: number): Receiver {
  if (syn.mss !== null) sender.mss = Math.max(LEAST_MSS, Math.min(syn.mss, mss));
  const both = scales && syn.windowScale !== null;
  if (both) sender.scale = syn.windowScale;
  // The window of a SYN is never scaled.
  return new Receiver(syn.sequence, both ? SCALE : 0, Math.min(RECEIVE_BYTES, 0xffff));
}
