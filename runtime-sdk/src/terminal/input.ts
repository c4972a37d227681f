import type { Terminal } from "@xterm/xterm";

/** Typed ahead of the shell; a person does not type more than this while a machine boots. */
const MOST_EARLY = 64 * 1024;

/** What is typed into a terminal, on its way to a process. What comes before there is a process waits for it. */
export class TerminalInput {
  readonly #utf8 = new TextEncoder();
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #writer: WritableStreamDefaultWriter<Uint8Array> | null = null;
  /** Looks at typed text first and returns what to send. */
  filter: (data: string) => string = (data) => data;

  constructor(term: Terminal) {
    term.onData((data) => this.#send(this.#utf8.encode(this.filter(data))));
    // Mouse reports of the old kind: each character is one byte.
    term.onBinary((data) => this.#send(Uint8Array.from(data, (character) => character.charCodeAt(0))));
  }

  connect(stdin: WritableStream<Uint8Array>): void {
    this.disconnect();
    this.#writer = stdin.getWriter();
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    for (const bytes of early) this.#send(bytes);
  }

  /** Types text as a program would that holds the keyboard: nothing filters it, and a terminal that takes no keys takes it too. */
  type(text: string): void {
    this.#send(this.#utf8.encode(text));
  }

  /** The process has ended: what is typed now is for the next one. */
  disconnect(): void {
    this.#writer?.releaseLock();
    this.#writer = null;
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#writer) {
      // A process that has ended takes no input; its end is shown by who waits for it.
      this.#writer.write(bytes).catch(() => {});
      return;
    }
    if (this.#earlyBytes + bytes.length > MOST_EARLY) return;
    this.#earlyBytes += bytes.length;
    this.#early.push(bytes);
  }
}
