import { CookieJar } from "tough-cookie";

/** What browsers take of one site, and of one cookie. */
const MOST_COOKIES = 180;
const LONGEST_COOKIE = 4096 * 2;

/** The cookies of one port of the guest. A worker cannot set cookies, and other ports should not see them. They last as long as the page's tab. */
export class PortCookies {
  readonly #jar: CookieJar;
  readonly #key: string;
  readonly #origin: string;
  readonly #store: Storage | null;

  constructor(id: string, port: number, store: Storage | null) {
    this.#key = `warmboot.cookies.${port}-${id}`;
    this.#origin = `http://localhost:${port}`;
    this.#store = store;
    this.#jar = this.#load() ?? new CookieJar(undefined, OPTIONS);
  }

  /** As the `Cookie` header of a request; empty: none. */
  header(path: string): string {
    return this.#jar.getCookieStringSync(this.#origin + path);
  }

  /** As `document.cookie`. */
  forScripts(path: string): string {
    return this.#jar.getCookieStringSync(this.#origin + path, { http: false });
  }

  /** `byScript`: it was not the server that set them. */
  set(cookies: readonly string[], path: string, byScript = false): void {
    for (const cookie of cookies) {
      if (cookie.length > LONGEST_COOKIE) continue;
      this.#jar.setCookieSync(cookie, this.#origin + path, { http: !byScript, ignoreError: true });
    }
    if (cookies.length > 0) this.#keep();
  }

  #keep(): void {
    const kept = this.#jar.serializeSync();
    if (!kept) return;
    // The oldest go first, as in a browser.
    const tooMany = kept.cookies.slice(0, Math.max(0, kept.cookies.length - MOST_COOKIES));
    for (const { domain, path, key } of tooMany)
      void this.#jar.store.removeCookie(String(domain), String(path), String(key));
    kept.cookies.splice(0, tooMany.length);
    try {
      this.#store?.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // They last until the page is loaded again.
    }
  }

  #load(): CookieJar | null {
    try {
      const kept = this.#store?.getItem(this.#key);
      return kept ? CookieJar.deserializeSync(kept) : null;
    } catch {
      return null;
    }
  }
}

const OPTIONS = { looseMode: true, rejectPublicSuffixes: false };
