export type Bytes = Uint8Array<ArrayBuffer>;

/** A change of a machine's records, which is made as a whole or not at all. */
export interface RecordChange {
  /** New records by name. None of them is there yet, unless an earlier change was broken off. */
  readonly add: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** The record that says which of the others count; it is put in place last. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** The head that is being replaced; `null`: there is none. Another one there means that someone else has the machine. */
  readonly expected: Uint8Array<ArrayBuffer> | null;
  /** Names of records that no longer count. */
  readonly remove: readonly string[];
}

/** Asks for a machine's lock. */
export interface LockRequest {
  /** Who asks, for the one that asks later, e.g. `"a tab of https://example.org/"`. */
  readonly holder: string;
  /** Take it from whoever has it. */
  readonly takeover: boolean;
  /** Called when another one has taken it. */
  readonly onLost: () => void;
}

/** The right to write to a machine. */
export interface Lock {
  /** May be called again. */
  release(): Promise<void>;
}

/** A place where machines are saved: for each machine (by id) one head and records by name. */
export interface MachineStore {
  /** For messages, e.g. `"the folder /data"`. */
  readonly place: string;
  /** Ids of the machines that have a head. */
  machines(): Promise<string[]>;
  /** The machine's head; `null`: there is no such machine. */
  head(id: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** One record; `null`: it is not there. */
  read(id: string, record: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Names of the records that are there. */
  records(id: string): Promise<string[]>;
  /**
   * Resolves when the change is safe, even if the computer loses its power then.
   * @throws QuotaError, StoreError; `false` when the head is not the expected one. Then nothing has changed.
   */
  commit(id: string, change: RecordChange): Promise<boolean>;
  /** Removes the machine with all its records. */
  drop(id: string): Promise<void>;
  /** @returns the lock, or who has it. */
  lock(name: string, request: LockRequest): Promise<Lock | string>;
  /** Who has the lock now; `null`: nobody. */
  holder(name: string): Promise<string | null>;
}
