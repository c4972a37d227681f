/** `npm run bench -- NAME [--json] [--runs N]`: runs one benchmark and prints its report. */
import { parseArguments } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";
import { boot } from "./boot/index.ts";
import { consoleBenchmark } from "./console/index.ts";
import { download } from "./download/index.ts";
import { exec } from "./exec/index.ts";
import { files } from "./files/index.ts";
import { page } from "./page/index.ts";
import { relay } from "./relay/index.ts";
import { type Report, table } from "./report.ts";
import { restore } from "./restore/index.ts";
import { save } from "./save/index.ts";
import { spawn } from "./spawn/index.ts";

const benchmarks = new Map<string, Benchmark>([
  ["boot", boot],
  ["exec", exec],
  ["console", consoleBenchmark],
  ["files", files],
  ["spawn", spawn],
  ["restore", restore],
  ["save", save],
  ["download", download],
  ["relay", relay],
  ["page", page],
]);

const args = parseArguments(process.argv.slice(2), [...benchmarks.keys()]);
const benchmark = typeof args === "string" ? undefined : benchmarks.get(args.name);
if (typeof args === "string" || !benchmark) {
  const list = [...benchmarks].map(
    ([name, { summary, defaultRuns }]) => `  ${name.padEnd(9)}${summary} (${defaultRuns} runs)`,
  );
  console.error(`${args}\n\nUsage: npm run bench -- NAME [--json] [--runs N]\n${list.join("\n")}`);
  process.exit(2);
}

const runs = args.runs ?? benchmark.defaultRuns;
try {
  const series = await benchmark.run(runs);
  const report: Report = { name: args.name, runs, rows: series.map((each) => each.row()) };
  console.log(args.json ? JSON.stringify(report) : table(report));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
