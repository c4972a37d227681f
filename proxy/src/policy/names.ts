/**
 * Names that an operator lists: `example.org` is that name alone, `.example.org` every name below it, `*` every name. An address is listed as itself.
 */
export class NameList {
  readonly #exact = new Set<string>();
  readonly #suffixes: string[] = [];
  readonly #everything: boolean;

  constructor(entries: readonly string[]) {
    this.#everything = entries.includes("*");
    for (const entry of entries) {
      if (entry.startsWith(".")) this.#suffixes.push(entry);
      else this.#exact.add(entry);
    }
  }

  get isEmpty(): boolean {
    return !this.#everything && this.#exact.size === 0 && this.#suffixes.length === 0;
  }

  includes(name: string): boolean {
    return this.#everything || this.#exact.has(name) || this.#suffixes.some((suffix) => name.endsWith(suffix));
  }
}
