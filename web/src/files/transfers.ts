import { signal } from "@preact/signals";
import { AbortedError } from "warmboot";
import { explain } from "./words.ts";

export type TransferState = "running" | "done" | "cancelled" | "failed";

/** How long one that went well stays in sight. */
const DONE_MS = 8000;
/** More that are over are not kept in sight. */
const MOST = 20;

/** Files on their way between the browser and the machine. */
export class Transfer {
  static #last = 0;
  readonly id = ++Transfer.#last;
  readonly title: string;
  readonly state = signal<TransferState>("running");
  readonly bytes = signal(0);
  /** Bytes there will be, about: an archive has headers, and a file may grow. `null`: not known. */
  readonly total = signal<number | null>(null);
  /** What it is doing, or how it ended. */
  readonly note = signal("");
  readonly #cancel = new AbortController();

  constructor(title: string) {
    this.title = title;
  }

  /** Fires when somebody cancels it. */
  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  cancel(): void {
    if (this.state.value === "running") this.#cancel.abort();
  }

  /** Counts the bytes of a stream that passes. */
  counter(): TransformStream<Uint8Array, Uint8Array> {
    return new TransformStream({
      transform: (bytes, controller) => {
        this.bytes.value += bytes.length;
        controller.enqueue(bytes);
      },
    });
  }
}

/** All of them, oldest first. */
export class Transfers {
  readonly list = signal<readonly Transfer[]>([]);

  /** Does `work` as a transfer; it returns what to say at its end. Never rejects: what went wrong is said there. */
  async run(title: string, work: (transfer: Transfer) => Promise<string>): Promise<boolean> {
    const transfer = new Transfer(title);
    this.list.value = [...this.list.value, transfer].slice(-MOST);
    try {
      transfer.note.value = await work(transfer);
      transfer.state.value = "done";
      setTimeout(() => this.dismiss(transfer), DONE_MS);
      return true;
    } catch (error) {
      const isCancelled = transfer.signal.aborted || isAbort(error);
      transfer.note.value = isCancelled ? "" : explain(error);
      transfer.state.value = isCancelled ? "cancelled" : "failed";
      if (isCancelled) setTimeout(() => this.dismiss(transfer), DONE_MS);
      return false;
    }
  }

  dismiss(transfer: Transfer): void {
    this.list.value = this.list.value.filter((each) => each !== transfer);
  }
}

/** A person who closes the browser's question where to save has cancelled, too. */
function isAbort(error: unknown): boolean {
  return error instanceof AbortedError || (error instanceof DOMException && error.name === "AbortError");
}
