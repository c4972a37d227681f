import { signal } from "@preact/signals";
import type { FromViewer, ToViewer, Viewer } from "./viewers.ts";

const ASK_MS = 1000;
const PING_MS = 3000;
const SILENT_MS = 15_000;

/** The page with the machine, as a tab sees it that shows one of its ports: the one that has opened the tab, or that the tab has opened. */
export class Owner {
  /** Name of the machine at the origins of its ports; `null`: it is not known, as the page has not answered yet. */
  readonly id = signal<string | null>(null);
  /** The machine's page is there. */
  readonly isHere = signal(false);
  /** On which ports programs listen. */
  readonly listening = signal<readonly number[]>([]);
  readonly #machine: string | null;
  /** Where the machine's page may be. */
  readonly #windows = new Set<Window>();
  #control: MessagePort | null = null;
  #heardAt = 0;

  constructor(machine: string | null, windows: readonly (Window | null)[]) {
    this.#machine = machine;
    for (const each of windows) if (each) this.#windows.add(each);
    setInterval(() => this.#ask(), ASK_MS);
    setInterval(() => this.#ping(), PING_MS);
    this.#ask();
  }

  /** Also asks there. */
  add(window: Window | null): void {
    if (window) this.#windows.add(window);
  }

  readonly link = (port: number, link: MessagePort): void => {
    const message: FromViewer = { type: "link", port };
    this.#control?.postMessage(message, [link]);
  };

  #ask(): void {
    if (this.isHere.value) return;
    for (const each of this.#windows) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }: MessageEvent<ToViewer>) => this.#take(data, port1);
      const viewer: Viewer = { warmboot: "viewer", machine: this.#machine };
      // One that is closed or of another site does not get it.
      each.postMessage(viewer, location.origin, [port2]);
    }
  }

  #take(message: ToViewer, control: MessagePort): void {
    if (message.type === "here" && !this.isHere.value) {
      this.#control = control;
      this.id.value = message.id;
      this.isHere.value = true;
    }
    if (control !== this.#control) return;
    this.#heardAt = performance.now();
    if (message.type === "listening") this.listening.value = message.ports;
    if (message.type === "closing") this.#lost();
  }

  #ping(): void {
    if (!this.isHere.value) return;
    const ping: FromViewer = { type: "ping" };
    this.#control?.postMessage(ping);
    if (performance.now() - this.#heardAt > SILENT_MS) this.#lost();
  }

  #lost(): void {
    this.#control?.close();
    this.#control = null;
    this.isHere.value = false;
    this.listening.value = [];
  }
}
