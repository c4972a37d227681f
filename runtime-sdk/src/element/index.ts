/** Makes the page know the element `<warmboot-terminal>`. */
import { WarmbootTerminal } from "./warmboot-terminal.ts";

export { type StartOptions, type TerminalState, WarmbootTerminal } from "./warmboot-terminal.ts";

declare global {
  interface HTMLElementTagNameMap {
    "warmboot-terminal": WarmbootTerminal;
  }
}

// WHY asked: a page may load the file twice, from two places.
if (!customElements.get("warmboot-terminal")) customElements.define("warmboot-terminal", WarmbootTerminal);
