const MOST_LINES = 400;
const MOST_LINE = 4000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what is looked for
const CONTROL = /\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][0-9A-B]|\x1b.|[\x00-\x08\x0b-\x1f\x7f]/g;

/** The kernel's console as plain text: without control sequences, and no more than its last lines. */
export class ConsoleText {
  #lines: string[] = [""];

  /** Takes a piece of the console and returns it cleaned. A sequence that is cut in two may leave a few letters. */
  push(piece: string): string {
    const text = piece.replace(CONTROL, "");
    const [first = "", ...rest] = text.split("\n");
    const last = this.#lines.length - 1;
    this.#lines[last] = ((this.#lines[last] ?? "") + first).slice(0, MOST_LINE);
    this.#lines.push(...rest.map((line) => line.slice(0, MOST_LINE)));
    if (this.#lines.length > MOST_LINES) this.#lines = this.#lines.slice(-MOST_LINES);
    return text;
  }

  /** Oldest first; the last may be unfinished. */
  get lines(): readonly string[] {
    return this.#lines.at(-1) === "" ? this.#lines.slice(0, -1) : this.#lines;
  }
}
