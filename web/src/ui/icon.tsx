import type { IconNode } from "lucide";
import { h } from "preact";

/** A drawn icon, of the size of the text. It says nothing to screen readers: what it is on has a name. */
export function Icon({ of }: { readonly of: IconNode }) {
  return (
    <svg aria-hidden="true" class="icon" viewBox="0 0 24 24">
      {of.map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}
