import type { Sample } from "./probe.ts";

/** The guest's clock may be this far from the host's. */
const MOST_CLOCK_MS = 1000;
/** Memory may grow by this much from the first quarter of the time to the last; what the machine wrote to its disk is not counted. */
export const MOST_GROWTH_BYTES = 64e6;

/** What a soak showed. `failure`: why it ended early. */
export function verdict(
  samples: readonly Sample[],
  failure: string | null,
): { readonly ok: boolean; readonly text: string } {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const growth = median(samples.slice(-quarter).map(memoryOf)) - median(samples.slice(0, quarter).map(memoryOf));
  const clock = Math.max(...samples.map(({ clockMs }) => clockMs));
  const answers = samples.map(({ answerMs }) => answerMs);
  const problems = [
    ...(failure === null ? [] : [failure]),
    ...(samples.length === 0 ? ["no answer at all"] : []),
    ...(clock >= MOST_CLOCK_MS ? [`the guest's clock was off by ${clock} ms`] : []),
    ...(growth > MOST_GROWTH_BYTES ? [`memory grew by ${(growth / 1e6).toFixed(0)} MB`] : []),
  ];
  const figures = `${samples.length} answers in ${samples.at(-1)?.at ?? 0} s, median ${median(answers)} ms, longest ${Math.max(...answers)} ms; clock at most ${clock} ms off; memory ${growth >= 0 ? "+" : ""}${(growth / 1e6).toFixed(1)} MB from the first quarter to the last`;
  return {
    ok: problems.length === 0,
    text: problems.length === 0 ? `ok. ${figures}` : `FAILED: ${problems.join("; ")}. ${figures}`,
  };
}

const memoryOf = ({ memory }: Sample): number => memory;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
