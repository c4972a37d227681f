import { effect } from "@preact/signals";
import { isPort } from "../../ports/shared/address.ts";
import type { MachinePage } from "../machine-page.tsx";
import { PagePorts } from "./page-ports.ts";

/** From a tab that shows a port to the page of its machine, with a port for what follows. */
export interface Viewer {
  readonly warmboot: "viewer";
  /** Name of the machine; `null`: one that is not kept. */
  readonly machine: string | null;
}

export type ToViewer =
  | { readonly type: "here"; readonly id: string }
  /** On which ports programs listen. */
  | { readonly type: "listening"; readonly ports: readonly number[] }
  | { readonly type: "pong" }
  | { readonly type: "closing" };

/** With a port for the pages of the guest's port. */
export type FromViewer = { readonly type: "link"; readonly port: number } | { readonly type: "ping" };

/** Browsers let the timers of a hidden tab run once a minute. */
const SILENT_MS = 150_000;

/** Answers tabs of this site that show ports of the page's machine. */
export function answerViewers(page: MachinePage): void {
  addEventListener("message", (event: MessageEvent<Viewer>) => {
    // WHY the origin alone: whatever runs at the site's own could do all of this itself.
    if (event.origin !== location.origin || event.data?.warmboot !== "viewer") return;
    const [control] = event.ports;
    if (control && event.data.machine === page.name) answer(PagePorts.of(page), control);
  });
}

function answer(ports: PagePorts, control: MessagePort): void {
  const say = (message: ToViewer) => control.postMessage(message);
  say({ type: "here", id: ports.id });
  const rest = ports.watch();
  const stop = effect(() => say({ type: "listening", ports: ports.listening.ports.value.map(({ port }) => port) }));
  const leave = () => {
    say({ type: "closing" });
    end();
  };
  // WHY: a tab that is closed does not say so. One that is there after all asks anew.
  let silent = setTimeout(leave, SILENT_MS);
  const end = () => {
    clearTimeout(silent);
    removeEventListener("pagehide", leave);
    stop();
    rest();
    control.close();
  };
  addEventListener("pagehide", leave);
  control.onmessage = ({ data, ports: [link] }: MessageEvent<FromViewer>) => {
    clearTimeout(silent);
    silent = setTimeout(leave, SILENT_MS);
    if (data?.type === "ping") say({ type: "pong" });
    if (data?.type === "link" && link && isPort(data.port)) ports.link(data.port, link);
  };
}
