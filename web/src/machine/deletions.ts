import { signal } from "@preact/signals";
import { MachineNotFoundError, savedMachines } from "warmboot";
import { DELETIONS_KEY } from "./finish-deletions.ts";

/** A machine that is to be deleted when its time is over. Until then nothing of it has changed. */
export interface Deletion {
  readonly id: string;
  readonly name: string;
  /** When it was saved last, in ms since 1970: saved again, it is not what was to be deleted. */
  readonly savedAt: number;
  /** When it is deleted. */
  readonly dueAt: number;
}

/** Time to change one's mind. */
export const UNDO_MS = 10_000;

/**
 * Machines that a person has deleted, for as long as that can be undone. They are written down, so that a page that is left in the
 * meantime deletes nothing in a hurry: the next page does, if the machine is still the same and nobody has it open.
 */
class Deletions {
  readonly pending = signal<readonly Deletion[]>(read());
  /** Why one was not deleted, by its id. */
  readonly problems = signal<ReadonlyMap<string, unknown>>(new Map());
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #finished = new Set<() => void>();

  constructor() {
    addEventListener("storage", ({ key }) => key === DELETIONS_KEY && this.#set(read(), false));
    this.#schedule();
  }

  begin(machine: Omit<Deletion, "dueAt">): void {
    const others = read().filter(({ id }) => id !== machine.id);
    this.#problem(machine.id, null);
    this.#set([...others, { ...machine, dueAt: Date.now() + UNDO_MS }], true);
  }

  undo(id: string): void {
    this.#set(
      read().filter((each) => each.id !== id),
      true,
    );
  }

  /** Calls `listener` after each that was deleted, or could not be. Returns the function that ends that. */
  onFinished(listener: () => void): () => void {
    this.#finished.add(listener);
    return () => this.#finished.delete(listener);
  }

  #set(pending: readonly Deletion[], keep: boolean): void {
    this.pending.value = pending;
    if (keep) write(pending);
    this.#schedule();
  }

  #schedule(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    for (const deletion of this.pending.value) {
      const run = () => void this.#finish(deletion);
      this.#timers.set(deletion.id, setTimeout(run, Math.min(UNDO_MS, Math.max(0, deletion.dueAt - Date.now()))));
    }
  }

  async #finish({ id, savedAt }: Deletion): Promise<void> {
    try {
      const found = (await savedMachines().list()).find((each) => each.id === id);
      // Undone in another tab just now.
      if (!this.pending.value.some((each) => each.id === id)) return;
      if (found && found.savedAt.getTime() === savedAt) await savedMachines().remove(id);
    } catch (error) {
      if (!(error instanceof MachineNotFoundError)) this.#problem(id, error);
    }
    this.undo(id);
    for (const listener of this.#finished) listener();
  }

  #problem(id: string, error: unknown): void {
    const problems = new Map(this.problems.value);
    if (error === null) problems.delete(id);
    else problems.set(id, error);
    this.problems.value = problems;
  }
}

/** WHY also without storage: then what is to be deleted lasts as long as the page, and a page that is left deletes nothing. */
let unwritten: readonly Deletion[] = [];

function read(): readonly Deletion[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(DELETIONS_KEY) ?? "[]");
    return Array.isArray(found) ? found.filter(isDeletion) : [];
  } catch {
    return unwritten;
  }
}

function write(pending: readonly Deletion[]): void {
  unwritten = pending;
  try {
    if (pending.length === 0) localStorage.removeItem(DELETIONS_KEY);
    else localStorage.setItem(DELETIONS_KEY, JSON.stringify(pending));
  } catch {
    // As above.
  }
}

function isDeletion(value: unknown): value is Deletion {
  const { id, name, savedAt, dueAt } = (value ?? {}) as Partial<Deletion>;
  return typeof id === "string" && typeof name === "string" && typeof savedAt === "number" && typeof dueAt === "number";
}

export const deletions = new Deletions();
