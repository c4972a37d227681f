import { median } from "./stats.ts";

/** `%`: of one core of the computer. */
export type Unit = "ms" | "bytes" | "MB/s" | "1/s" | "%";

/** One line of a report. Times and sizes are better when small, rates when large. */
export interface Row {
  readonly case: string;
  readonly unit: Unit;
  /** Median over the runs. */
  readonly ours: number;
  /** Median over the runs of plain v86 doing the same; `null` where there is no such thing. */
  readonly baseline: number | null;
  /** `ours / baseline`. */
  readonly ratio: number | null;
  /** Smallest and largest of ours. */
  readonly min: number;
  readonly max: number;
}

export interface Report {
  readonly name: string;
  readonly runs: number;
  readonly rows: readonly Row[];
}

/** The values of one case, one a run. */
export class Series {
  readonly name: string;
  readonly unit: Unit;
  readonly ours: number[] = [];
  readonly baseline: number[] = [];

  constructor(name: string, unit: Unit) {
    this.name = name;
    this.unit = unit;
  }

  row(): Row {
    const ours = median(this.ours);
    const baseline = this.baseline.length > 0 ? median(this.baseline) : null;
    return {
      case: this.name,
      unit: this.unit,
      ours: this.#round(ours),
      baseline: baseline === null ? null : this.#round(baseline),
      ratio: baseline === null ? null : Math.round((ours / baseline) * 1000) / 1000,
      min: this.#round(Math.min(...this.ours)),
      max: this.#round(Math.max(...this.ours)),
    };
  }

  #round(value: number): number {
    return this.unit === "bytes" ? Math.round(value) : Math.round(value * 100) / 100;
  }
}

/** The report for people. */
export function table(report: Report): string {
  const head = ["case", "unit", "ours", "baseline", "ratio", "min", "max"] as const;
  const lines = [head.map(String), ...report.rows.map((row) => head.map((column) => String(row[column] ?? "–")))];
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [`${report.name}, medians of ${report.runs} runs`, ...text].join("\n");
}
