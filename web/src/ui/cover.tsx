import { useLayoutEffect } from "preact/hooks";
import type { MachinePage } from "../machine-page.tsx";
import { byId } from "./broken-page.ts";

/** What stands over the terminals, if anything does. */
export function CoverHost({ page }: { readonly page: MachinePage }) {
  const cover = page.state.cover.value;
  useLayoutEffect(() => {
    const host = byId("overlay");
    host.hidden = cover === null;
    host.scrollTop = 0;
    byId("panels").inert = cover !== null && cover.reason !== "terminals-take-keys";
  }, [cover]);
  return <>{cover?.render()}</>;
}
