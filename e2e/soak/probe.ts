import type { SoakMachine } from "./machine.ts";

/** One look at the machine. */
export interface Sample {
  /** Seconds since the load began. */
  readonly at: number;
  /** Round trip of a command, in ms. */
  readonly answerMs: number;
  /** How far the guest's clock is from the host's at least, in ms: what the round trip cannot explain. */
  readonly clockMs: number;
  /** Memory of the runtime, in bytes, without what the machine has written to its disk. */
  readonly memory: number;
  readonly disk: number;
}

/** A machine that takes longer than this to answer has frozen. */
const ANSWER_MS = 60_000;

export async function probe(machine: SoakMachine, round: number, at: number): Promise<Sample> {
  const before = Date.now();
  const [sum, clock] = (await machine.exec(`echo $((${round}*7)) $(date +%s.%N)`, ANSWER_MS)).trim().split(" ");
  const after = Date.now();
  if (sum !== String(round * 7)) throw new Error(`asked for ${round}*7, the machine said ${sum}`);
  await machine.type(`echo a$((${round}*11))z`, `a${round * 11}z`, ANSWER_MS);
  const middle = (before + after) / 2;
  const offset = Math.abs(Number(clock) * 1000 - middle) - (after - before) / 2;
  const disk = await machine.diskBytes();
  return {
    at,
    answerMs: after - before,
    clockMs: Math.max(0, Math.round(offset)),
    memory: (await machine.memory()) - disk,
    disk,
  };
}
