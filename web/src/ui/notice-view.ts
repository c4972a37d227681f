import { ENGINES } from "../address.ts";
import { element } from "./element.ts";

/** A page instead of a machine. */
export function noticeView(title: string, children: readonly (Node | string)[]): HTMLElement {
  return element("section", { class: "sheet", children: [element("h2", { text: title }), ...children] });
}

/** For `?engine=` with a name that does not exist. */
export function unknownEngineView(engine: string): HTMLElement {
  const rows = Object.entries(ENGINES).map(([name, text]) =>
    element("li", {
      children: [element("a", { text: `?engine=${name}`, attributes: { href: `?engine=${name}` } }), ` – ${text}`],
    }),
  );
  return noticeView(`There is no engine "${engine}"`, [
    element("p", { text: "The engines that exist:" }),
    element("ul", { children: rows }),
  ]);
}

/** For parameters that cannot be used. */
export function unusableAddressView(problem: string): HTMLElement {
  return noticeView("The address of this page cannot be used", [
    element("p", { text: problem }),
    element("p", { children: [element("a", { text: "Open the default machine", attributes: { href: "./" } })] }),
  ]);
}

/** When a part of the page itself could not be loaded: the connection broke, or the site has changed meanwhile. */
export function brokenPageView(reason: string): HTMLElement {
  return noticeView("A part of this page could not be loaded", [
    element("p", { text: reason }),
    element("p", { children: [element("a", { text: "Load the page again", attributes: { href: "" } })] }),
  ]);
}

/** When the last terminal was closed: the machine still runs. */
export function noTerminalsView(open: HTMLElement): HTMLElement {
  return noticeView("No terminal is open", [
    element("p", { text: "The machine goes on running." }),
    element("div", { class: "actions", children: [open] }),
  ]);
}
