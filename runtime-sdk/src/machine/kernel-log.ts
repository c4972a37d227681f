/** Lines of the kernel's console kept for error messages. */
const KEPT_LINES = 200;
const MAX_LINE = 4096;
// With or without printk's time stamp and caller. A program can print the words too: whoever listens makes sure.
const PANIC = /^(?:<\d+>)?(?:\[ *\d+\.\d+\](?:\[[^\]]*\])? )?Kernel panic - not syncing: (.*)$/;

/** Splits the serial console into lines, keeps the last ones, and notices a kernel panic. */
export class KernelLog {
  readonly #lines: string[] = [];
  readonly #onPanic: (reason: string) => void;
  #partial = "";

  constructor(onPanic: (reason: string) => void) {
    this.#onPanic = onPanic;
  }

  /** The last lines, oldest first. */
  get lines(): readonly string[] {
    return this.#partial === "" ? [...this.#lines] : [...this.#lines, this.#partial];
  }

  push(text: string): void {
    const lines = (this.#partial + text).split("\n");
    this.#partial = (lines.pop() ?? "").slice(-MAX_LINE);
    for (const line of lines) this.#line(line.replace(/\r$/, ""));
  }

  #line(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    const panic = PANIC.exec(line);
    if (panic) this.#onPanic(panic[1] ?? "");
  }
}
