import type { Ipv4 } from "../packet/addresses.ts";
import type { SavedConnection } from "../tcp/connections.ts";

/** How often, and with what pauses, the guest is asked for. */
const TRIES = 4;
const PAUSE_MS = 1000;

/** Connections that a saved machine had, until the guest has been told that they are gone. */
export class GoneConnections {
  readonly #ask: (guest: Ipv4) => void;
  readonly #tell: (connection: SavedConnection) => void;
  #gone: readonly SavedConnection[] = [];
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /**
   * @param ask Has the guest answer. WHY: it may have got another hardware address since, and takes no TCP that is sent to all.
   * @param tell Sends the guest what ends a connection.
   */
  constructor(ask: (guest: Ipv4) => void, tell: (connection: SavedConnection) => void) {
    this.#ask = ask;
    this.#tell = tell;
  }

  /** Those that the guest may not know of yet. */
  get all(): readonly SavedConnection[] {
    return this.#gone;
  }

  restore(connections: readonly SavedConnection[]): void {
    this.#gone = connections;
    this.#tries = TRIES;
  }

  /** The machine runs. */
  run(): void {
    if (this.#gone.length > 0 && this.#timer === null) this.#askForAll();
  }

  /** The machine stands still, and hears nothing. */
  pause(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** The guest has answered. */
  heard(guest: Ipv4): void {
    for (const each of this.#gone) if (each.guest === guest) this.#tell(each);
  }

  #askForAll(): void {
    this.#tries--;
    for (const guest of new Set(this.#gone.map((each) => each.guest))) this.#ask(guest);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#tries > 0) this.#askForAll();
      else this.#gone = [];
    }, PAUSE_MS);
  }
}
