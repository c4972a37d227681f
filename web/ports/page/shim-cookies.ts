/** What scripts see of the cookies. The machine's page has them all; this is its last word, with what was set here since. */
export class CookieText {
  /** As `document.cookie` gives it. */
  text: string;
  readonly #tell: (cookie: string) => void;

  constructor(text: string, tell: (cookie: string) => void) {
    this.text = text;
    this.#tell = tell;
  }

  /** As `document.cookie = …`. */
  set(cookie: string): void {
    const [pair = "", ...attributes] = cookie.split(";").map((part) => part.trim());
    const at = pair.indexOf("=");
    const name = at < 0 ? "" : pair.slice(0, at).trim();
    const isEnded = attributes.some((each) => /^max-age=(-\d+|0)$/i.test(each) || isPast(each));
    const others = this.text.split("; ").filter((each) => each !== "" && !each.startsWith(`${name}=`));
    this.text = [...others, ...(isEnded ? [] : [pair])].join("; ");
    this.#tell(cookie);
  }
}

const isPast = (attribute: string) =>
  /^expires=/i.test(attribute) && Date.parse(attribute.slice("expires=".length)) <= Date.now();
