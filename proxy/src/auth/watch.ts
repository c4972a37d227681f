import type { Identity } from "./tokens.ts";

/** A connection that is asked about again and again. */
export interface Watched {
  readonly identity: Identity;
  /** Its access was taken back. */
  revoke(): void;
}

/** Asks now and then whether those who are connected still may be: once for each identity, however many connections it has. */
export class RevocationWatch {
  readonly #watched: () => Iterable<Watched>;
  readonly #isRevoked: (identity: Identity) => Promise<boolean>;
  readonly #interval: NodeJS.Timeout;
  #isAsking = false;

  constructor(everyMs: number, watched: () => Iterable<Watched>, isRevoked: (identity: Identity) => Promise<boolean>) {
    this.#watched = watched;
    this.#isRevoked = isRevoked;
    this.#interval = setInterval(() => void this.#ask(), everyMs);
  }

  close(): void {
    clearInterval(this.#interval);
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const known = new Map<string, boolean>();
      for (const { identity, revoke } of [...this.#watched()]) {
        const key = JSON.stringify([identity.subject, identity.tokenId]);
        const revoked = known.get(key) ?? (await this.#isRevoked(identity));
        known.set(key, revoked);
        if (revoked) revoke();
      }
    } finally {
      this.#isAsking = false;
    }
  }
}
