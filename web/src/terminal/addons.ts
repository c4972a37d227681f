import { effect } from "@preact/signals";
import type { SearchAddon } from "@xterm/addon-search";
import type { ITerminalAddon, Terminal } from "@xterm/xterm";
import { settings } from "../settings.ts";
import { whenIdle } from "../ui/when-idle.ts";

/** An addon that comes when a setting asks for it, and goes with it. */
class Wish {
  readonly #term: Terminal;
  readonly #load: () => Promise<ITerminalAddon | null>;
  #wanted = false;
  #addon: ITerminalAddon | null = null;

  /** `load` gives `null` where it cannot be had. */
  constructor(term: Terminal, load: () => Promise<ITerminalAddon | null>) {
    this.#term = term;
    this.#load = load;
  }

  async want(wanted: boolean): Promise<void> {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#addon?.dispose();
    this.#addon = null;
    if (!wanted) return;
    // Without it the terminal does what it did: it is a comfort.
    const addon = await this.#load().catch(() => null);
    if (!addon || !this.#wanted || this.#addon) return addon?.dispose();
    this.#addon = addon;
    this.#term.loadAddon(addon);
  }
}

/** The parts of a terminal that only those load who want them. */
export class AddonsOnWish {
  readonly #term: Terminal;
  readonly #follow: () => void;
  #started = false;
  #forget: () => void = () => {};
  #disposed = false;
  #search: Promise<SearchAddon> | null = null;

  constructor(term: Terminal) {
    this.#term = term;
    const images = new Wish(term, async () => {
      const { ImageAddon } = await import("@xterm/addon-image");
      return new ImageAddon({
        pixelLimit: 4096 * 4096,
        storageLimit: 64,
        sixelSizeLimit: 10_000_000,
        iipSizeLimit: 10_000_000,
      });
    });
    const graphemes = new Wish(term, async () => {
      const { UnicodeGraphemesAddon } = await import("@xterm/addon-unicode-graphemes");
      return new UnicodeGraphemesAddon();
    });
    const webgl = new Wish(term, () => loadWebgl());
    this.#follow = () => {
      const wanted = settings.value;
      void images.want(wanted.images);
      void graphemes.want(wanted.graphemes);
      void webgl.want(wanted.webgl);
    };
  }

  /** Has those that the settings ask for from now on. To be called when the terminal shows a program. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    whenIdle(() => {
      if (!this.#disposed) this.#forget = effect(this.#follow);
    });
  }

  /** Finds text in the terminal and what scrolled by. */
  search(): Promise<SearchAddon> {
    this.#search ??= import("@xterm/addon-search").then(({ SearchAddon }) => {
      const addon = new SearchAddon();
      this.#term.loadAddon(addon);
      return addon;
    });
    return this.#search;
  }

  dispose(): void {
    this.#disposed = true;
    this.#forget();
  }
}

let drawsInHardware: boolean | null = null;

/** Whether a graphics card draws: software does it slower than the page itself. */
function hasGraphicsCard(): boolean {
  const probe = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (!probe) return false;
  const info = probe.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(probe.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? probe.RENDERER));
  probe.getExtension("WEBGL_lose_context")?.loseContext();
  return !/swiftshader|llvmpipe|software|basic render/i.test(renderer);
}

/** `null` where no graphics card draws. */
async function loadWebgl(): Promise<ITerminalAddon | null> {
  drawsInHardware ??= hasGraphicsCard();
  if (!drawsInHardware) return null;
  const { WebglAddon } = await import("@xterm/addon-webgl");
  const addon = new WebglAddon();
  // Without it the terminal draws with the page's own elements.
  addon.onContextLoss(() => addon.dispose());
  return addon;
}
