import { signal } from "@preact/signals";
import { labelOf, type PortLabel } from "../../ports/shared/address.ts";
import { type FromFrame, ours, type ToFrame } from "../../ports/shared/protocol.ts";
import { shownOrigin } from "./origin.ts";

/** Gives the pages of a port a way to it. */
export type GiveLink = (port: number, link: MessagePort) => void;

const LONGEST_SHOWN = 2000;

/** A frame with a page of a guest's server in it. What the page says of itself is shown, and not believed. */
export class PortFrame {
  /** Address that it begins with. */
  readonly start: string;
  /** What it shows now: the guest's port and a path. */
  readonly shown = signal<{ readonly port: number; readonly path: string; readonly title: string }>({
    port: 0,
    path: "/",
    title: "",
  });
  /** Why there is no page of the guest; empty: it is being connected to; `null`: there is one. */
  readonly problem = signal<string | null>("");
  /** An address out of the machine that the page leads to. */
  readonly outside = signal<string | null>(null);
  readonly #id: string;
  readonly #link: GiveLink;
  #frame: HTMLIFrameElement | null = null;

  /** `origin`: where the port is shown. */
  constructor(origin: string, { port, id }: PortLabel, path: string, link: GiveLink) {
    this.start = new URL(path, `${origin}/`).origin === origin ? new URL(path, `${origin}/`).href : `${origin}/`;
    this.shown.value = { port, path, title: "" };
    this.#id = id;
    this.#link = link;
  }

  /** Takes part in what the frame says, until the function is called that this returns. */
  follow(frame: HTMLIFrameElement): () => void {
    this.#frame = frame;
    const listen = (event: MessageEvent<unknown>) => {
      if (event.source === null || event.source !== frame.contentWindow) return;
      // The page may have gone to another port of the same machine.
      const label = labelOf(URL.canParse(event.origin) ? new URL(event.origin).hostname : "");
      if (!label || label.id !== this.#id || shownOrigin(label) !== event.origin) return;
      const message = ours<FromFrame>(event.data);
      if (message) this.#take(message, label.port, event.origin);
    };
    addEventListener("message", listen);
    return () => removeEventListener("message", listen);
  }

  /** Has the page do something. Back and forward are the frame's own steps. */
  tell(message: ToFrame["warmboot"]): void {
    this.#frame?.contentWindow?.postMessage({ warmboot: message } satisfies ToFrame, this.#origin);
  }

  /** Goes to a path of the port that is shown. */
  go(path: string): void {
    if (!this.#frame || !URL.canParse(path, this.#origin)) return;
    const url = new URL(path, this.#origin);
    if (url.origin === this.#origin) this.#frame.src = url.href;
  }

  get #origin(): string {
    return shownOrigin({ port: this.shown.value.port, id: this.#id }) ?? location.origin;
  }

  #take(message: FromFrame, port: number, origin: string): void {
    if (message.warmboot === "link-wanted") {
      const { port1, port2 } = new MessageChannel();
      this.#link(port, port1);
      const link: ToFrame = { warmboot: "link" };
      this.#frame?.contentWindow?.postMessage(link, origin, [port2]);
    }
    if (message.warmboot === "shown") {
      const { path, title } = message;
      this.problem.value = null;
      this.shown.value = { port, path: short(path), title: short(title) };
    }
    if (message.warmboot === "problem") {
      this.problem.value = short(message.problem);
      if (port !== this.shown.value.port) this.shown.value = { port, path: "/", title: "" };
    }
    if (message.warmboot === "outside" && /^https?:\/\//i.test(String(message.url)))
      this.outside.value = short(message.url);
  }
}

const short = (text: unknown): string => String(text).slice(0, LONGEST_SHOWN);
