import { FLAG, type Segment } from "../packet/tcp-segment.ts";
import type { Receiver } from "./receiver.ts";
import type { Sender } from "./sender.ts";
import type { TcpState } from "./state.ts";

/** What becomes of a segment. */
export type Verdict =
  | "drop"
  /** The guest is told what is expected. */
  | "answer"
  /** The same, and its acknowledgment counts. */
  | "hear"
  /** It belongs to another connection, which is to be forgotten. */
  | "refuse"
  /** The guest has ended the connection. */
  | "end"
  | "take";

/** Judges a segment for a connection that is open, or nearly (RFC 9293, 3.10.7.4, first to fifth check). */
export function judge(segment: Segment, state: TcpState, receiver: Receiver, sender: Sender): Verdict {
  const { flags, sequence, acknowledgment } = segment;
  const isHeard = (flags & FLAG.ACK) !== 0 && sender.isAcceptable(acknowledgment);
  if (!receiver.isAcceptable(sequence, lengthOf(segment))) {
    if (flags & FLAG.RST) return "drop";
    // A window of ours that is closed must not keep the guest's acknowledgments out.
    return isHeard ? "hear" : "answer";
  }
  // RFC 5961, 3.2 and 4.2.
  if (flags & FLAG.RST) return sequence === receiver.next ? "end" : "answer";
  if (flags & FLAG.SYN) return "answer";
  if (!(flags & FLAG.ACK)) return "drop";
  if (isHeard) return "take";
  return state === "syn-received" ? "refuse" : "answer";
}

/** How many sequence numbers a segment has. */
export function lengthOf({ flags, payload }: Segment): number {
  return payload.byteLength + Number((flags & FLAG.FIN) !== 0) + Number((flags & FLAG.SYN) !== 0);
}
