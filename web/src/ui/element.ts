type Child = Node | string;

interface Shape {
  readonly class?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly Child[];
  readonly onClick?: () => void;
}

/** Makes an element. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, shape: Shape = {}): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (shape.class) made.className = shape.class;
  if (shape.text !== undefined) made.textContent = shape.text;
  for (const [name, value] of Object.entries(shape.attributes ?? {})) made.setAttribute(name, value);
  made.append(...(shape.children ?? []));
  if (shape.onClick) made.addEventListener("click", shape.onClick);
  return made;
}

/** A push button; `look` is "primary" or "plain". */
export function button(text: string, look: string, onClick: () => void): HTMLButtonElement {
  return element("button", { class: `button ${look}`, text, attributes: { type: "button" }, onClick });
}

/** The element of index.html with this id. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} #${id}`);
  return found;
}
