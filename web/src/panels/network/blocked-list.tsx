import type { Blocked } from "../../page-state.ts";
import { describeBlocked } from "../../ui/network-text.ts";

/** What the guest wanted of the network and was refused, and why. */
export function BlockedList({ blocked }: { readonly blocked: readonly Blocked[] }) {
  if (blocked.length === 0) return null;
  return (
    <section>
      <h3>Not allowed</h3>
      <ul class="plain-list">
        {blocked.map((each) => (
          <li key={`${each.host} ${each.port} ${each.reason}`}>
            {describeBlocked(each)}
            <span class="quiet">
              {" "}
              {new Date(each.at).toLocaleTimeString()}
              {each.count > 1 && `, ${each.count} times`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
