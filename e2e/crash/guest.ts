import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../bench/host/paths.ts";
import { type CommandResult, DONE_FILE } from "./beside/messages.ts";
import type { FileSystem, Found } from "./judge.ts";

const FOLDER = "/run/crash";
const SERVICE = join(repository, "e2e/crash/service.py");
/** Tenths of a second; a bound for a busy computer. */
const MOST_LOOKS = 1500;
/** Lines that ext4, its journal, the block layer and a kernel in trouble write. */
const COMPLAINTS = "EXT4-fs (error|warning)|JBD2:.*(error|abort)|I/O error|Buffer I/O|BUG:|Oops|Call Trace";

type Exec = (command: string, stdin: string) => Promise<CommandResult>;

/** The writer in the guest. */
export class Guest {
  readonly #exec: Exec;

  constructor(exec: Exec) {
    this.#exec = exec;
  }

  async isWriting(): Promise<boolean> {
    const { stdout } = await this.#exec(`kill -0 "$(cat ${FOLDER}/pid)" && echo yes`, "");
    return stdout === "yes\n";
  }

  /** Starts the writer. Before it goes on after the last whole record it tells what it has found. */
  async start(): Promise<Found> {
    await this.#run(`rm -rf ${FOLDER}; mkdir ${FOLDER}; cat > ${FOLDER}/service.py`, readFileSync(SERVICE, "utf8"));
    // WHY -I -S: it begins sooner.
    const start = `setsid python3 -I -S service.py > log 2>&1 < /dev/null & echo $! > pid`;
    await this.#run(`cd ${FOLDER}; ${start}`);
    return this.#answer("start");
  }

  /** Has it look at its records from `first` on, and at the databases as a whole if that is 1. */
  async check(first: number): Promise<Found> {
    // WHY a token: a shell of a life before may have been saved while it waited, and goes on waiting.
    const token = crypto.randomUUID();
    await this.#run(`echo ${token} ${first} > ${FOLDER}/ask`);
    return this.#answer(token);
  }

  async fileSystem(): Promise<FileSystem & { readonly replayed: boolean }> {
    const [errors, replayed, ...complaints] = await this.#run(
      `cat /sys/fs/ext4/*/errors_count; dmesg | grep -c 'EXT4-fs.*recovery complete'; dmesg | grep -E '${COMPLAINTS}'; true`,
    );
    return { errors: Number(errors), replayed: Number(replayed) > 0, complaints };
  }

  /** Resolves when a record after `last` is safe. */
  async goesOn(last: number): Promise<void> {
    await this.#run(waitUntil(`[ "$(cat ${DONE_FILE})" -gt ${last} ]`));
  }

  async #answer(token: string): Promise<Found> {
    const file = `${FOLDER}/answer.${token}`;
    const [line = ""] = await this.#run(`${waitUntil(`[ -e ${file} ]`)}; cat ${file}; rm ${file}`);
    return JSON.parse(line);
  }

  async #run(command: string, stdin = ""): Promise<string[]> {
    const { exitCode, stdout, stderr } = await this.#exec(command, stdin);
    if (exitCode !== 0) {
      const log = await this.#exec(`cat ${FOLDER}/log`, "");
      throw new Error(`in the guest, ${command}: exit code ${exitCode}: ${stderr} ${log.stdout}`);
    }
    return stdout.split("\n").filter(Boolean);
  }
}

function waitUntil(condition: string): string {
  return `i=0; until ${condition} 2> /dev/null; do i=$((i+1)); [ $i -lt ${MOST_LOOKS} ] || exit 99; sleep 0.1; done`;
}
