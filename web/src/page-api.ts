import type { Terminal } from "@xterm/xterm";
import type { KernelSession } from "warmboot";
import type { Line } from "warmboot/terminal";

/** One terminal of the page. */
export interface PageTerminal {
  readonly id: number;
  readonly term: Terminal;
  /** Its shell (or the serial console of an image without an agent), `null` before it is there and after it ended. */
  readonly process: Line | null;
}

/** What the page gives to scripts on it, as `window.warmboot`. See docs/page.md. */
export interface WarmbootPage {
  /** The machine's session, `null` until it answers. */
  readonly session: KernelSession | null;
  /** In the order of their tabs. */
  readonly terminals: readonly PageTerminal[];
  /** The one that is shown. */
  readonly activeTerminal: PageTerminal | null;
}

declare global {
  interface Window {
    warmboot?: WarmbootPage;
  }
}
