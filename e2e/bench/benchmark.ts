import type { Series } from "./report.ts";

/** One benchmark: measures its cases so many times, ours and the baseline in turn. */
export interface Benchmark {
  /** One line for the usage text. */
  readonly summary: string;
  readonly defaultRuns: number;
  run(runs: number): Promise<readonly Series[]>;
}
