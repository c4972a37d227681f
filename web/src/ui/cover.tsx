import { effect } from "@preact/signals";
import type { MachinePage } from "../machine-page.tsx";
import { byId } from "./broken-page.ts";

/** Keeps what is behind a cover from being reached. WHY at once, and not with the next picture: what is uncovered may be given the focus next. */
export function followCover(page: MachinePage): void {
  const [host, behind] = [byId("overlay"), byId("panels")];
  effect(() => {
    const cover = page.state.cover.value;
    host.hidden = cover === null;
    host.scrollTop = 0;
    behind.inert = cover !== null && cover.reason !== "terminals-take-keys";
  });
}

/** What stands over the terminals, if anything does. */
export function CoverHost({ page }: { readonly page: MachinePage }) {
  return <>{page.state.cover.value?.render()}</>;
}
