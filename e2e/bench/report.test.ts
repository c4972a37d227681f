import { describe, expect, test } from "vitest";
import { Series, table } from "./report.ts";
import { median, quantile } from "./stats.ts";

describe("the statistics", () => {
  test("take the middle", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([10, 20, 30, 40, 50], 0.99)).toBeCloseTo(49.6);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("a report", () => {
  test("compares medians", () => {
    const series = new Series("in", "MB/s");
    series.ours.push(2, 3, 1);
    series.baseline.push(4, 4, 8);
    expect(series.row()).toEqual({ case: "in", unit: "MB/s", ours: 2, baseline: 4, ratio: 0.5, min: 1, max: 3 });
  });

  test("says where there is nothing to compare with", () => {
    const series = new Series("task", "ms");
    series.ours.push(5);
    expect(series.row()).toMatchObject({ baseline: null, ratio: null });
    expect(table({ name: "x", runs: 1, rows: [series.row()] })).toContain("task  ms    5     –         –      5    5");
  });
});
