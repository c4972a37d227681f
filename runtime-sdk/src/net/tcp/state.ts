/** A connection's state (RFC 9293, 3.3.2); `opening`: a SYN has come and is answered when the other side is connected. */
export type TcpState =
  | "opening"
  | "syn-sent"
  | "syn-received"
  | "established"
  | "fin-wait-1"
  | "fin-wait-2"
  | "close-wait"
  | "closing"
  | "last-ack"
  | "time-wait"
  | "closed";

/** What changes a state. */
export type TcpEvent =
  /** We have answered the guest's SYN. */
  | "accepted"
  /** The guest has acknowledged our SYN. */
  | "opened"
  | "fin-sent"
  | "fin-acked"
  | "fin-received"
  /** Reset, given up, or waited for long enough. */
  | "ended";

const TRANSITIONS: Readonly<Record<TcpState, Partial<Record<TcpEvent, TcpState>>>> = {
  opening: { accepted: "syn-received" },
  "syn-sent": { opened: "established" },
  "syn-received": { opened: "established" },
  established: { "fin-sent": "fin-wait-1", "fin-received": "close-wait" },
  "fin-wait-1": { "fin-acked": "fin-wait-2", "fin-received": "closing" },
  "fin-wait-2": { "fin-received": "time-wait" },
  "close-wait": { "fin-sent": "last-ack" },
  closing: { "fin-acked": "time-wait" },
  "last-ack": { "fin-acked": "closed" },
  "time-wait": {},
  closed: {},
};

/** The state after an event; the same where the event means nothing. */
export function transition(state: TcpState, event: TcpEvent): TcpState {
  return event === "ended" ? "closed" : (TRANSITIONS[state][event] ?? state);
}

/** Segments with bytes may come from the guest. */
export function receives(state: TcpState): boolean {
  return state === "established" || state === "fin-wait-1" || state === "fin-wait-2";
}
