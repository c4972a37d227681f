import type { Terminal } from "@xterm/xterm";

/** From a terminal to what makes its rows. Where a version of xterm.js has it elsewhere, only a strict policy is the worse for it; a test would tell. */
const ROWS = ["_core", "_renderService", "_renderer", "value", "_rowFactory"];

/**
 * Gives xterm.js a document whose style elements are style sheets of a shadow root. WHY: xterm.js writes style elements and style attributes, which a
 * strict Content-Security-Policy of the page forbids; what scripts do to style sheets and to `element.style` it does not.
 */
export class OwnStyles {
  readonly #root: ShadowRoot;
  readonly #fixed: readonly CSSStyleSheet[];
  /** For xterm.js's option `documentOverride`. */
  readonly document: Document;

  /** `css`: of the root, besides xterm.js's own. */
  constructor(root: ShadowRoot, css: readonly string[]) {
    this.#root = root;
    this.#fixed = css.map(sheetOf);
    this.reset();
    const real = root.ownerDocument;
    this.document = new Proxy(real, {
      get: (_real, key) => {
        if (key === "createElement") return (name: string) => this.#create(name);
        const value: unknown = Reflect.get(real, key);
        return typeof value === "function" ? value.bind(real) : value;
      },
    });
  }

  /**
   * Opens a terminal with the page's document making such style elements too. WHY: xterm.js 6.0.0 takes the page's document in two places where it means the
   * one that it was given: while it is opened, and in what makes its rows.
   */
  open(term: Terminal, place: HTMLElement): void {
    const real = this.#root.ownerDocument;
    real.createElement = ((name: string) => this.#create(name)) as Document["createElement"];
    try {
      term.open(place);
    } finally {
      Reflect.deleteProperty(real, "createElement");
    }
    let part: unknown = term;
    for (const name of ROWS) part = typeof part === "object" && part !== null ? Reflect.get(part, name) : null;
    if (typeof part === "object" && part !== null) Reflect.set(part, "_document", this.document);
  }

  /** Takes xterm.js's styles away. */
  reset(): void {
    this.#root.adoptedStyleSheets = [...this.#fixed];
  }

  #create(name: string): HTMLElement {
    const real = this.#root.ownerDocument;
    const make = (as: string) => Document.prototype.createElement.call(real, as);
    if (name === "style") {
      const sheet = sheetOf("");
      this.#root.adoptedStyleSheets.push(sheet);
      return Object.defineProperty(make("template"), "textContent", {
        set: (text: string) => sheet.replaceSync(text),
      });
    }
    const element = make(name);
    if (name === "span") element.setAttribute = setAttribute;
    return element;
  }
}

function setAttribute(this: HTMLElement, name: string, value: string): void {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

function sheetOf(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
