import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Remembers outside of the machine, and of whatever is killed, which record was committed last. */
export class Ledger {
  readonly #file: number;
  #committed = 0;

  constructor(folder: string) {
    this.#file = openSync(join(folder, "committed"), "a");
  }

  get committed(): number {
    return this.#committed;
  }

  note(record: number): void {
    if (record <= this.#committed) return;
    this.#committed = record;
    writeSync(this.#file, `${record}\n`);
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
