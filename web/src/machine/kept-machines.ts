import { signal } from "@preact/signals";
import { AbortedError, type KernelSession, type SavedMachineInfo, savedMachines } from "warmboot";
import { freeName } from "../ui/machine-name.ts";
import { deletions } from "./deletions.ts";

/** Bytes that are on their way into a file, or out of one. */
export interface Transfer {
  readonly label: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  cancel(): void;
}

/** More would be seen by nobody. */
const MOST_STEPS = 100;
const EXTENSION = /\.warmboot$/i;
/** As browsers name the second download of a file. */
const NUMBERED = / ?\(\d+\)$/;

/** The machines that are kept in this browser. Lives as long as the page: what was begun goes on when the panel is closed. */
class KeptMachines {
  /** `null`: not known yet. Without those that are about to be deleted. */
  readonly list = signal<readonly SavedMachineInfo[] | null>(null);
  /** Why they cannot be listed. */
  readonly problem = signal<unknown>(null);
  readonly transfers = signal<readonly Transfer[]>([]);
  /** What was imported or copied last: it is shown where it is. */
  readonly newest = signal<string | null>(null);
  #reading: Promise<void> | null = null;

  constructor() {
    deletions.onFinished(() => void this.refresh());
  }

  /** Reads the list anew. */
  async refresh(): Promise<void> {
    // One that is under way may have begun before what has changed.
    await this.#reading;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      this.list.value = await savedMachines().list();
      this.problem.value = null;
    } catch (error) {
      this.problem.value = error;
    }
  }

  /** Names that cannot be given to another one. */
  get names(): string[] {
    return (this.list.value ?? []).map(({ name }) => name);
  }

  async rename(name: string, newName: string): Promise<void> {
    await savedMachines().rename(name, newName);
    await this.refresh();
  }

  /** `session`: of the machine, if it is open here; the copy is of now then, else of the last save. */
  async duplicate(name: string, newName: string, session: KernelSession | null): Promise<void> {
    if (session) {
      const file = await session.export();
      await this.#transfer(`Copying ${name}`, await sizeOf(name), file, (bytes, signal) =>
        savedMachines().import(bytes, { name: newName, signal }),
      );
    } else await savedMachines().duplicate(name, newName);
    this.newest.value = newName;
    await this.refresh();
  }

  /** All of a machine as a file, as it is now if it is open here. @throws AbortedError when it was cancelled */
  async export(name: string, session: KernelSession | null): Promise<Blob> {
    const file = await (session ? session.export() : savedMachines().export(name));
    return this.#transfer(`Exporting ${name}`, await sizeOf(name), file, (bytes) => new Response(bytes).blob());
  }

  /** Makes a machine of a file, under the file's name or a free one like it. @throws AbortedError when it was cancelled */
  async import(file: File): Promise<string> {
    await this.refresh();
    const name = freeName(file.name.replace(EXTENSION, "").replace(NUMBERED, ""), this.names);
    await this.#transfer(`Importing ${name}`, file.size, file.stream(), (bytes, signal) =>
      savedMachines().import(bytes, { name, signal }),
    );
    this.newest.value = name;
    await this.refresh();
    return name;
  }

  async #transfer<T>(
    label: string,
    totalBytes: number,
    from: ReadableStream<Uint8Array<ArrayBuffer>>,
    to: (bytes: ReadableStream<Uint8Array<ArrayBuffer>>, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController();
    let shown: Transfer = { label, doneBytes: 0, totalBytes, cancel: () => abort.abort() };
    const replace = (next: Transfer | null) => {
      const others = this.transfers.value.filter((each) => each !== shown);
      this.transfers.value = next ? [...others, next] : others;
      if (next) shown = next;
    };
    replace(shown);
    let doneBytes = 0;
    const count = (bytes: number) => {
      doneBytes += bytes;
      if (doneBytes - shown.doneBytes >= totalBytes / MOST_STEPS) replace({ ...shown, doneBytes });
    };
    try {
      return await to(counted(from, abort.signal, count), abort.signal);
    } catch (error) {
      throw abort.signal.aborted ? new AbortedError(label, abort.signal.reason) : error;
    } finally {
      replace(null);
    }
  }
}

/**
 * The same bytes, counted, and given up when `signal` fires. WHY not a TransformStream: aborted, that waits for whoever reads from it.
 */
function counted(
  from: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
  count: (bytes: number) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = from.getReader();
  return new ReadableStream(
    {
      start: (controller) =>
        signal.addEventListener("abort", () => {
          controller.error(signal.reason);
          void reader.cancel(signal.reason);
        }),
      pull: async (controller) => {
        const { value, done } = await reader.read();
        if (signal.aborted) return;
        if (done) return controller.close();
        count(value.byteLength);
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** About what a file of its last state has. */
async function sizeOf(name: string): Promise<number> {
  const found = (await savedMachines().list()).find((each) => each.name === name);
  return found?.last?.bytes ?? 0;
}

export const keptMachines = new KeptMachines();
