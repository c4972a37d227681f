import { Resolver } from "node:dns/promises";
import { abortable } from "../deadline.ts";
import { StreamError } from "../errors.ts";

export interface Answer {
  readonly address: string;
  readonly ttlSeconds: number;
}

export interface ResolverSettings {
  /** Name servers, `address` or `address:port`; none: those of the system. */
  readonly servers: readonly string[];
  readonly timeoutMs: number;
  readonly ipv6: boolean;
}

/** What the streams need of a resolver. */
export interface NameResolver {
  /** All addresses of a name. @throws StreamError name-unresolved, name-timeout; what `signal` was aborted with */
  resolve(name: string, signal: AbortSignal): Promise<string[]>;
  /** The addresses of one family; `null` for a name that does not exist. @throws as `resolve` */
  lookUp(name: string, family: 4 | 6, signal: AbortSignal): Promise<Answer[] | null>;
}

/** The most addresses of one name that are looked at. */
const MAX_ANSWERS = 64;

/** Looks names up by c-ares, which has no threads to run out of. */
export class SystemResolver implements NameResolver {
  readonly #ipv6: boolean;
  readonly #resolver: Resolver;

  constructor(settings: ResolverSettings) {
    this.#ipv6 = settings.ipv6;
    // WHY: two tries of c-ares within the whole time that a name may take.
    this.#resolver = new Resolver({ timeout: Math.ceil(settings.timeoutMs / 3), tries: 2 });
    if (settings.servers.length > 0) this.#resolver.setServers([...settings.servers]);
  }

  async resolve(name: string, signal: AbortSignal): Promise<string[]> {
    const families = this.#ipv6 ? ([4, 6] as const) : ([4] as const);
    // WHY: a family without an answer is fine, one that failed is not: what it hides could be private.
    const found = await Promise.all(families.map((family) => this.lookUp(name, family, signal)));
    const answers = found.flatMap((each) => each ?? []);
    if (answers.length === 0) throw new StreamError("name-unresolved", "the name has no address");
    if (answers.length > MAX_ANSWERS) throw new StreamError("name-unresolved", "the name has too many addresses");
    return answers.map(({ address }) => address);
  }

  async lookUp(name: string, family: 4 | 6, signal: AbortSignal): Promise<Answer[] | null> {
    try {
      const query =
        family === 4 ? this.#resolver.resolve4(name, { ttl: true }) : this.#resolver.resolve6(name, { ttl: true });
      const records = await abortable(query, signal);
      return records.map(({ address, ttl }) => ({ address, ttlSeconds: ttl }));
    } catch (error) {
      if (signal.aborted) throw error;
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (code === "ENODATA") return [];
      if (code === "ENOTFOUND") return null;
      if (code === "ETIMEOUT") throw nameTimeout();
      throw new StreamError("name-unresolved", `the name servers failed: ${code}`);
    }
  }
}

/** What a name fails with when its time is over. */
export const nameTimeout = () => new StreamError("name-timeout", "the name servers did not answer in time");
