import { type BootOptions, InvalidOptionError, type NetworkOptions } from "../browser/index.ts";

/** The element's attributes, each as a property too. An absent attribute is `null`, and `null` takes it away. */
export abstract class AttributesAsProperties extends HTMLElement {
  /** Address of the image's `image.json`. Of the next start. */
  get image(): string | null {
    return this.getAttribute("image");
  }
  set image(value: string | null) {
    this.#reflect("image", value);
  }

  /** Name under which the machine is kept in this browser; absent: it is gone with the element. Of the next start. */
  get machine(): string | null {
    return this.getAttribute("machine");
  }
  set machine(value: string | null) {
    this.#reflect("machine", value);
  }

  /** Typed into a new shell, with Enter, when it has prompted. Of the next start. */
  get cmd(): string | null {
    return this.getAttribute("cmd");
  }
  set cmd(value: string | null) {
    this.#reflect("cmd", value);
  }

  /** Address of the relay through which the machine reaches the network. Of the next start. */
  get relay(): string | null {
    return this.getAttribute("relay");
  }
  set relay(value: string | null) {
    this.#reflect("relay", value);
  }

  /** RAM in MiB. Of the next start. */
  get memory(): string | null {
    return this.getAttribute("memory");
  }
  set memory(value: string | number | null) {
    this.#reflect("memory", value);
  }

  /** When the machine starts: `eager`, with the element; `lazy`, when it is seen; `click`, when somebody asks. */
  get loading(): string | null {
    return this.getAttribute("loading");
  }
  set loading(value: string | null) {
    this.#reflect("loading", value);
  }

  /** `light`, `dark`, `contrast`, or `system`. */
  get theme(): string | null {
    return this.getAttribute("theme");
  }
  set theme(value: string | null) {
    this.#reflect("theme", value);
  }

  /** Size of the text in CSS pixels, 8 to 40. */
  get fontSize(): string | null {
    return this.getAttribute("font-size");
  }
  set fontSize(value: string | number | null) {
    this.#reflect("font-size", value);
  }

  /** The terminal shows, and takes no input. */
  get readonly(): boolean {
    return this.hasAttribute("readonly");
  }
  set readonly(value: boolean) {
    this.toggleAttribute("readonly", value);
  }

  /** Takes what was set on the element before this class was known, which would hide the properties. */
  protected upgrade(): void {
    for (const name of Object.getOwnPropertyNames(AttributesAsProperties.prototype)) {
      if (name === "constructor" || !Object.hasOwn(this, name)) continue;
      const value: unknown = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }

  #reflect(name: string, value: string | number | null): void {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }
}

export const LOADING = ["eager", "lazy", "click"] as const;
export const THEMES = ["system", "light", "dark", "contrast"] as const;
const FONT_SIZE = { least: 8, most: 40, usual: 14 };

/** What of the attributes a machine is booted with. @throws InvalidOptionError */
export function bootOptions(element: AttributesAsProperties, network: NetworkOptions | null): BootOptions {
  const { image, machine, memory, relay } = element;
  if (!image) throw new InvalidOptionError("image", "is missing; it is the address of an image.json");
  if (memory !== null && !/^\d{1,6}$/.test(memory))
    throw new InvalidOptionError("memory", `"${memory}" is not a number of MiB, such as 256`);
  const way = network ?? (relay ? { relay } : null);
  return {
    image,
    ...(machine !== null && { machine, autosave: true }),
    ...(memory !== null && { memoryMb: Number(memory) }),
    ...(way && { network: way }),
  };
}

/** One of the values that an attribute can have; the first for any other. */
export function oneOf<T extends string>(values: readonly [T, ...T[]], given: string | null): T {
  return values.find((each) => each === given) ?? values[0];
}

/** Size of the text; what cannot be is the usual one. */
export function fontSizeOf({ fontSize }: AttributesAsProperties): number {
  const given = Number(fontSize ?? FONT_SIZE.usual);
  return Number.isFinite(given) && given >= FONT_SIZE.least && given <= FONT_SIZE.most ? given : FONT_SIZE.usual;
}
