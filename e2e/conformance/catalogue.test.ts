import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { allChecks } from "./catalogue.ts";
import { fullName } from "./check.ts";
import { explanationsFile, reportFile } from "./paths.ts";
import { listedChecks } from "./report.ts";
import { parseShellChecks } from "./shell-checks.ts";

const checks = allChecks();

it("has at least 400 checks in at least 14 domains", () => {
  expect(checks.length).toBeGreaterThanOrEqual(400);
  expect(new Set(checks.map(({ domain }) => domain)).size).toBeGreaterThanOrEqual(14);
});

it("lists in docs/linux-conformance.md exactly the checks that there are", () => {
  expect(listedChecks(readFileSync(reportFile, "utf8")).sort()).toEqual(checks.map(fullName).sort());
});

it("explains only checks that there are, and every failure in the report", () => {
  const explained = Object.keys(JSON.parse(readFileSync(explanationsFile, "utf8")) as Record<string, string>);
  const names = checks.map(fullName);
  expect(explained.filter((name) => !names.includes(name))).toEqual([]);
  const failed = readFileSync(reportFile, "utf8").match(/\| \*\*fail\*\*: /g)?.length ?? 0;
  expect(failed).toBeLessThanOrEqual(explained.length);
});

it("expects computed values: no long output stands in its own script", () => {
  const echoed = checks.filter(
    (check) => check.kind === "shell" && check.expected.length > 8 && check.script.includes(check.expected),
  );
  expect(echoed.map(fullName)).toEqual([]);
});

it("reads a check's options, script and output", () => {
  const text =
    "# a remark\n=== adds up [timeout=5] [user=user] [needs=gdb]\necho $((1+1))\necho x\n---\n2\nx\n\n=== next\ntrue\n---\n";
  expect(parseShellChecks("d", text)).toEqual([
    {
      kind: "shell",
      domain: "d",
      name: "adds up",
      script: "echo $((1+1))\necho x",
      expected: "2\nx",
      timeoutMs: 5000,
      user: "user",
      needs: ["gdb"],
    },
    expect.objectContaining({ name: "next", expected: "", user: "root", needs: [] }),
  ]);
});

it.each([
  ["text before the first check", "echo\n"],
  ["no output section", "=== a\ntrue\n"],
  ["an unknown need", "=== a [needs=perl]\ntrue\n---\n"],
])("refuses a file with %s", (_what, text) => {
  expect(() => parseShellChecks("d", text)).toThrow(/^d\.checks/);
});
