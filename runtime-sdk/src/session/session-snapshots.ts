import { InvalidOptionError } from "../errors/index.ts";
import type { SnapshotInfo } from "../snapshot/index.ts";
import type { Saver } from "./saver.ts";

/** States of a session's machine that are kept under names: `save({ snapshot })` makes one, `boot({ snapshot })` goes back to one. */
export class SessionSnapshots {
  readonly #saver: Saver | null;

  /** @internal Use `session.snapshots`. */
  constructor(saver: Saver | null) {
    this.#saver = saver;
  }

  /** In the order in which they were made. @throws InvalidOptionError (the machine has no name) */
  async list(): Promise<SnapshotInfo[]> {
    return this.#named.snapshots;
  }

  /**
   * Forgets one, and gives the room back that only it needs.
   * @throws SnapshotNotFoundError, StoreError, MachineTakenOverError, InvalidOptionError (the machine has no name)
   */
  async remove(name: string): Promise<void> {
    await this.#named.removeSnapshot(name);
  }

  get #named(): Saver {
    if (!this.#saver) throw new InvalidOptionError("machine", "is needed: this session's machine has no name");
    return this.#saver;
  }
}
