import { Refusal } from "../errors.ts";

/** Pages that may use the relay. Programs send no Origin; they may, unless one is required. */
export class Origins {
  readonly #allowed: ReadonlySet<string>;
  readonly #required: boolean;

  constructor(allowed: readonly string[], required: boolean) {
    this.#allowed = new Set(allowed);
    this.#required = required;
  }

  /** @throws Refusal origin-denied */
  check(origin: string | undefined): void {
    if (origin === undefined ? !this.#required : this.#isAllowed(origin)) return;
    throw new Refusal("origin-denied", "this page may not use the relay");
  }

  /** What lets the page read the answer. */
  corsHeaders(origin: string | undefined): Record<string, string> {
    if (origin === undefined || !this.#isAllowed(origin)) return { Vary: "Origin" };
    return {
      Vary: "Origin",
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Methods": "POST",
      "Access-Control-Allow-Headers": "Authorization, Content-Type",
      "Access-Control-Max-Age": "600",
    };
  }

  #isAllowed(origin: string): boolean {
    // WHY: `null` is what any sandboxed frame sends.
    return this.#allowed.has(origin) || (this.#allowed.has("*") && origin !== "null");
  }
}
