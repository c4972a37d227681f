import { entriesOf, type Generation, type Head, sumOfSizes } from "./manifest.ts";

const MIB = 2 ** 20;

/** A saved machine in a list. */
export interface SavedMachineInfo {
  /** Empty for one of which nothing can be read. */
  readonly name: string;
  /** For `remove`, also of one without a name. */
  readonly id: string;
  /** Bytes it takes in the store, packed. */
  readonly bytes: number;
  /** When it was first saved. */
  readonly createdAt: Date;
  /** When it was last saved. */
  readonly savedAt: Date;
  /** Names of its states that are kept. */
  readonly snapshots: readonly string[];
  /** Who has it open, as that one describes itself; `null`: nobody. */
  readonly openIn: string | null;
  /** Its last state; `null`: that cannot be read. */
  readonly last: SavedStateInfo | null;
}

/** A state of a saved machine. */
export interface SavedStateInfo {
  /** Identity of the image that the machine was made from: a SHA-256 in hex. */
  readonly imageId: string;
  /** RAM in MiB. */
  readonly memoryMb: number;
  /** Size of the disk in MiB, 0 for none. */
  readonly diskMb: number;
  /** It was off, and starts anew with its files. */
  readonly isOff: boolean;
  /** Bytes of this state alone, packed: about the size of a file that `export` gives. */
  readonly bytes: number;
}

/** Name of the lock of whoever has a machine open; of one without a name, which nobody can open, its id. */
export const lockName = (id: string, { name }: Head): string => name || id;

export function infoOf(
  id: string,
  { name, bytes, createdAt, usedAt, kept }: Head,
  openIn: string | null,
  last: Generation | null,
): SavedMachineInfo {
  return {
    id,
    name,
    bytes,
    createdAt: new Date(createdAt),
    savedAt: new Date(usedAt),
    snapshots: kept.map(({ snapshot }) => snapshot),
    openIn,
    last: last && stateInfo(last),
  };
}

function stateInfo(generation: Generation): SavedStateInfo {
  const { imageId, memoryMb, diskBytes } = generation.guard;
  return {
    imageId,
    memoryMb,
    diskMb: diskBytes / MIB,
    isOff: generation.devices === null,
    bytes: sumOfSizes(entriesOf(generation)),
  };
}
