import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface Arguments {
  readonly name: string;
  readonly json: boolean;
  /** `null`: what the benchmark thinks enough. */
  readonly runs: number | null;
}

/** Reads the command line; a string is what is wrong with it. */
export function parseArguments(args: readonly string[], names: readonly string[]): Arguments | string {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const [name, ...more] = parsed.positionals;
  if (name === undefined) return "Name a benchmark.";
  if (more.length > 0) return "Name one benchmark.";
  if (!names.includes(name)) return `There is no benchmark "${name}".`;
  const { runs, json } = parsed.values;
  if (runs !== undefined && !/^[1-9]\d{0,2}$/.test(runs))
    return `--runs must be a number from 1 to 999, not "${runs}".`;
  return { name, json, runs: runs === undefined ? null : Number(runs) };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: "boolean", default: false }, runs: { type: "string" } },
  });
}
