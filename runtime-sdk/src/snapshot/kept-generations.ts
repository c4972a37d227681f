import { InvalidOptionError, MachineDamagedError, SnapshotNotFoundError } from "../errors/index.ts";
import { readGeneration } from "./found-machines.ts";
import { entriesOf, type Generation, type Head, type KeptEntry, MOST_KEPT, sumOfSizes } from "./manifest.ts";
import type { MachineStore } from "./store.ts";

/** A state of a machine that is kept under a name. */
export interface SnapshotInfo {
  /** What it was called by `save`. */
  readonly name: string;
  /** When it was saved. */
  readonly savedAt: Date;
  /** Bytes in the store that it needs, packed. */
  readonly bytes: number;
  /** Those of them that nothing else needs: removing it gives them back. */
  readonly ownBytes: number;
  /** Why it cannot be gone back to, as far as is known without reading all of it; `null`: nothing is known. */
  readonly problem: string | null;
}

/** A kept generation; null with what is wrong with it when it cannot be read. */
interface Kept {
  readonly entry: KeptEntry;
  readonly generation: Generation | null;
  readonly problem: string | null;
}

/** The generations of a machine that are kept under names. Does not change: each change makes a new one. */
export class KeptGenerations {
  readonly #kept: readonly Kept[];

  /** @throws StoreError */
  static async read(store: MachineStore, id: string, { kept }: Head): Promise<KeptGenerations> {
    const read = async (entry: KeptEntry): Promise<Kept> => {
      try {
        return { entry, generation: await readGeneration(store, id, entry.generation), problem: null };
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return { entry, generation: null, problem: error.message };
      }
    };
    return new KeptGenerations(await Promise.all(kept.map(read)));
  }

  constructor(kept: readonly Kept[] = []) {
    this.#kept = kept;
  }

  /** For the head. */
  get entries(): KeptEntry[] {
    return this.#kept.map(({ entry }) => entry);
  }

  /** Those that can be read. */
  get generations(): Generation[] {
    return this.#kept.flatMap(({ generation }) => generation ?? []);
  }

  /** `others`: generations that count besides. */
  list(others: readonly Generation[]): SnapshotInfo[] {
    return this.#kept.map(({ entry, generation, problem }) => {
      const mine = generation ? entriesOf(generation) : [];
      const rest = [...others, ...this.generations].filter((each) => each.generation !== entry.generation);
      const used = new Set(rest.flatMap(entriesOf).map(({ name }) => name));
      return {
        name: entry.snapshot,
        savedAt: new Date(entry.savedAt),
        bytes: sumOfSizes(mine),
        // One that is the last state too goes with it, and not before.
        ownBytes: others.some((each) => each.generation === entry.generation)
          ? 0
          : sumOfSizes(mine.filter(({ name }) => !used.has(name))),
        problem,
      };
    });
  }

  /** @throws SnapshotNotFoundError, MachineDamagedError */
  find(machine: string, name: string): Generation {
    const found = this.#kept.find(({ entry }) => entry.snapshot === name);
    if (!found) throw new SnapshotNotFoundError(machine, name);
    if (!found.generation) throw new MachineDamagedError(machine, `its snapshot "${name}": ${found.problem}`);
    return found.generation;
  }

  /** @throws InvalidOptionError when there is one of the name, or no room for one more. */
  checkFree(name: string): void {
    if (this.#kept.some(({ entry }) => entry.snapshot === name))
      throw new InvalidOptionError("snapshot", `there is one of the name "${name}"; remove it first`);
    if (this.#kept.length >= MOST_KEPT)
      throw new InvalidOptionError("snapshot", `there are ${MOST_KEPT} already; remove one first`);
  }

  /** With this one, if it has a name. */
  with(generation: Generation): KeptGenerations {
    const { snapshot, savedAt } = generation;
    if (snapshot === null) return this;
    const entry = { snapshot, generation: generation.generation, savedAt };
    return new KeptGenerations([...this.#kept, { entry, generation, problem: null }]);
  }

  /** @throws SnapshotNotFoundError */
  without(machine: string, name: string): KeptGenerations {
    const rest = this.#kept.filter(({ entry }) => entry.snapshot !== name);
    if (rest.length === this.#kept.length) throw new SnapshotNotFoundError(machine, name);
    return new KeptGenerations(rest);
  }
}
