/** WHY: a system call for each line costs as much as all the rest of opening a stream. What is written in one turn of the event loop leaves in one. */
export class LineWriter {
  readonly #write: (text: string) => void;
  #waiting = "";

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  write(line: string): void {
    if (this.#waiting === "") setImmediate(() => this.flush());
    this.#waiting += line;
  }

  /** Writes now what waits: the process may be ending. */
  flush(): void {
    const text = this.#waiting;
    this.#waiting = "";
    if (text !== "") this.#write(text);
  }
}
