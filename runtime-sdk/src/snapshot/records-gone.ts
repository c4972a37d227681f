import { StoreError } from "../errors/index.ts";

/** The store has nothing of a machine any more that is open, and that nobody else has taken: somebody has emptied it. */
export class RecordsGoneError extends StoreError {
  constructor(place: string, machine: string) {
    super(place, `what was saved of the machine "${machine}" is no longer there`);
  }
}
