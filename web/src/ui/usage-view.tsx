import { useEffect, useState } from "preact/hooks";
import type { MachinePage } from "../machine-page.tsx";
import { formatUsed } from "./bytes.ts";

/** Narrower, the bar has no room for it, and the machine is not asked. */
const WIDE = "(min-width: 1100px)";

/** What the machine uses, in the bar of a wide page. */
export function UsageView({ page }: { readonly page: MachinePage }) {
  return useMatches(WIDE) && page.state.usable.value ? <Glance page={page} /> : null;
}

function Glance({ page }: { readonly page: MachinePage }) {
  const { usage } = page.state;
  useEffect(() => usage.look("glance"), [usage]);
  const cpu = usage.cpu.value;
  const memory = usage.stats.value?.memory;
  return (
    <p id="usage" class="usage">
      {cpu !== null && (
        <span title="Share of one core of this computer that the machine's CPU takes">
          CPU {Math.round(cpu * 100)} %
        </span>
      )}
      {memory && (
        <span title="Memory of the machine that its programs use">
          {formatUsed(memory.totalBytes - memory.availableBytes, memory.totalBytes)}
        </span>
      )}
    </p>
  );
}

function useMatches(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const change = () => setMatches(list.matches);
    change();
    list.addEventListener("change", change);
    return () => list.removeEventListener("change", change);
  }, [query]);
  return matches;
}
