import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../bench/host/paths.ts";
import type { CommandResult } from "./beside/messages.ts";
import type { Found } from "./judge.ts";

const FOLDER = "/run/crash";
const SERVICE = join(repository, "e2e/crash/service.py");
/** Tenths of a second; a bound for a busy computer. */
const MOST_LOOKS = 1500;
type Exec = (command: string, stdin: string) => Promise<CommandResult>;

/** The writer in the guest. */
export class Guest {
  readonly #exec: Exec;

  constructor(exec: Exec) {
    this.#exec = exec;
  }

  /** Starts the writer. Before it goes on after the last whole record it looks at everything. */
  async start(): Promise<Found> {
    await this.#run(`rm -rf ${FOLDER}; mkdir ${FOLDER}; cat > ${FOLDER}/service.py`, readFileSync(SERVICE, "utf8"));
    // WHY -I -S: it begins sooner.
    const start = "setsid python3 -I -S service.py > log 2>&1 < /dev/null & echo $! > pid";
    return parse(await this.#run(`cd ${FOLDER}; ${start}; ${answerOf("start")}`));
  }

  /** Has it look at its records from `first` on, and at the databases as a whole if that is 1. Null: it does not run. */
  async check(first: number): Promise<Found | null> {
    // WHY a token: a shell of a life before may have been saved while it waited, and goes on waiting.
    const token = crypto.randomUUID();
    const ask = `echo ${token} ${first} > ${FOLDER}/ask; ${answerOf(token)}`;
    const text = await this.#run(`kill -0 "$(cat ${FOLDER}/pid)" 2> /dev/null || exit 0; ${ask}`);
    return text === "" ? null : parse(text);
  }

  async #run(command: string, stdin = ""): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#exec(command, stdin);
    if (exitCode === 0) return stdout;
    const log = await this.#exec(`cat ${FOLDER}/log`, "");
    throw new Error(`in the guest, ${command}: exit code ${exitCode}: ${stderr} ${log.stdout}`);
  }
}

function answerOf(token: string): string {
  const file = `${FOLDER}/answer.${token}`;
  const wait = `i=0; until [ -e ${file} ]; do i=$((i+1)); [ $i -lt ${MOST_LOOKS} ] || exit 99; sleep 0.1; done`;
  return `${wait}; cat ${file}; rm ${file}`;
}

function parse(text: string): Found {
  const lines = text.split("\n").flatMap((line) => /^(\w+) (.*)$/.exec(line)?.slice(1) ?? []);
  const values = new Map<string, string[]>();
  for (let i = 0; i < lines.length; i += 2) {
    const [word = "", value = ""] = lines.slice(i, i + 2);
    values.set(word, [...(values.get(word) ?? []), value]);
  }
  const number = (word: string): number | null => {
    const [value] = values.get(word) ?? [];
    return value === undefined ? null : Number(value);
  };
  return {
    files: number("files") ?? 0,
    rollback: number("rollback") ?? 0,
    wal: number("wal") ?? 0,
    done: number("done"),
    torn: number("torn") ?? 0,
    next: number("next"),
    replayed: number("replayed") === 1,
    problems: values.get("problem") ?? [],
  };
}
