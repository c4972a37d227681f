import type { V86Instance } from "./v86-contract.ts";

/** Lets a thread do other things between two slices of the emulated CPU. */
export interface Turns {
  /** Calls `listener` with each turn that is due. To be called once. */
  listen(listener: (turn: number) => void): void;
  /** Makes a turn due in `ms`, or, below 1, as soon as what waits in the thread has been done. */
  after(ms: number, turn: number): void;
}

/** Has the CPU's slices follow each other in this way. Call before it runs. */
export function takeTurns({ v86 }: V86Instance, turns: Turns): void {
  turns.listen((turn) => v86.yield_callback(turn));
  v86.yield = (ms, turn) => turns.after(ms, turn);
}
