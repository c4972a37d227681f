import { signal } from "@preact/signals";
import type { FileEntry, KernelSession } from "warmboot";
import { explain } from "./words.ts";

/** Shortest time between two lists of a directory that keeps changing. */
const PAUSE_MS = 150;
/** And as many times as long as the last list took: a large one must not keep the machine busy. */
const PAUSE_RATIO = 3;

/** A directory of the guest as it is now, and as it changes. */
export class DirectoryView {
  readonly path = signal("");
  /** `null` until it is read. */
  readonly entries = signal<readonly FileEntry[] | null>(null);
  /** Why it cannot be read. */
  readonly problem = signal<string | null>(null);
  /** Changes in the guest are seen by themselves. */
  readonly isFollowed = signal(false);
  #scope = new AbortController();
  #reload = () => {};

  /** Shows another directory, or the same anew. */
  open(session: KernelSession, path: string): void {
    this.close();
    const scope = new AbortController();
    this.#scope = scope;
    if (path !== this.path.value) this.entries.value = null;
    this.path.value = path;
    this.problem.value = null;
    const list = new PacedList(scope.signal, async () => {
      const entries = await session.files.list(path, { signal: scope.signal });
      if (!scope.signal.aborted) this.entries.value = entries;
    });
    const failed = (error: unknown) => {
      if (scope.signal.aborted) return;
      this.entries.value = null;
      this.problem.value = explain(error);
      this.close();
    };
    this.#reload = () => list.ask().catch(failed);
    this.#follow(session, path, scope.signal).then(undefined, failed);
  }

  /** Reads it again. */
  reload(): void {
    this.#reload();
  }

  /** Follows it no more. */
  close(): void {
    this.#scope.abort();
    this.isFollowed.value = false;
    this.#reload = () => {};
  }

  async #follow(session: KernelSession, path: string, signal: AbortSignal): Promise<void> {
    // WHY before it is listed: no change between the two is missed. What cannot be watched (a path that is not UTF-8) is listed all the same.
    const watch = await session.files.watch(path, { signal }).catch(() => null);
    if (signal.aborted) return;
    this.isFollowed.value = watch !== null;
    this.reload();
    for await (const _event of watch ?? []) this.reload();
    // It ends by itself when the directory is gone.
    if (!signal.aborted) this.reload();
  }
}

/** Does a piece of work again and again, never twice at once and with pauses. */
class PacedList {
  readonly #signal: AbortSignal;
  readonly #work: () => Promise<void>;
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(signal: AbortSignal, work: () => Promise<void>) {
    this.#signal = signal;
    this.#work = work;
  }

  /** Resolves when the work was begun after this call and is done. */
  ask(): Promise<void> {
    this.#next ??= this.#last.then(async () => {
      this.#next = null;
      if (this.#signal.aborted) return;
      const began = performance.now();
      const work = this.#work();
      this.#last = work.then(
        () => pause(Math.max(PAUSE_MS, PAUSE_RATIO * (performance.now() - began)), this.#signal),
        () => {},
      );
      await work;
    });
    return this.#next;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
