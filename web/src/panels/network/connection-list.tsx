import { useEffect, useState } from "preact/hooks";
import type { KernelSession } from "warmboot";
import { formatBytes } from "../../ui/bytes.ts";

type Connections = Awaited<ReturnType<KernelSession["network"]["connections"]>>;

const LOOK_MS = 1500;
const MOST_SHOWN = 200;

/** The connections of the machine as they are now, by name, with what went over each. */
export function ConnectionList({ session }: { readonly session: KernelSession }) {
  const connections = useConnections(session);
  return (
    <section>
      <h3>Connections</h3>
      {connections.length === 0 ? (
        <p class="quiet">There is none now.</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">To</th>
              <th scope="col">Sent</th>
              <th scope="col">Received</th>
            </tr>
          </thead>
          <tbody>
            {connections.slice(0, MOST_SHOWN).map((each, at) => (
              <tr key={`${each.direction} ${each.host} ${each.port} ${at}`}>
                <td>
                  {each.direction === "in" ? `port ${each.port} of the machine` : `${each.host}:${each.port}`}
                  {each.state !== "open" && <span class="quiet"> {each.state}</span>}
                </td>
                <td>{formatBytes(each.sentBytes)}</td>
                <td>{formatBytes(each.receivedBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {connections.length > MOST_SHOWN && <p class="quiet">And {connections.length - MOST_SHOWN} more.</p>}
    </section>
  );
}

/** Looked at anew while the page is seen. */
function useConnections(session: KernelSession): Connections {
  const [connections, setConnections] = useState<Connections>([]);
  useEffect(() => {
    let ended = false;
    const look = async () => {
      // A machine that is off has none, and says so by rejecting.
      const found = document.hidden ? null : await session.network.connections().catch(() => []);
      if (!ended && found) setConnections(found);
    };
    void look();
    const timer = setInterval(look, LOOK_MS);
    return () => {
      ended = true;
      clearInterval(timer);
    };
  }, [session]);
  return connections;
}
