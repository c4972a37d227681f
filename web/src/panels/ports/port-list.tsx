import { useState } from "preact/hooks";
import type { MachinePage } from "../../machine-page.tsx";
import { isLoopbackOnly, type ListeningPort } from "../../ports/listening.ts";
import { shownOrigin } from "../../ports/origin.ts";
import type { PagePorts } from "../../ports/page-ports.ts";
import { PortFrame } from "../../ports/port-frame.ts";
import { portTab } from "./open-port.ts";

interface PortListProps {
  readonly page: MachinePage;
  readonly ports: PagePorts;
}

/** A card for each port on which a program of the machine listens. */
export function PortList({ page, ports }: PortListProps) {
  const listening = ports.listening.ports.value;
  const { session, usable } = page.state;
  if (!usable.value) return <p class="quiet">The machine does not run. Its servers are here when it does.</p>;
  if (session.value?.info.agent === "")
    return <p class="quiet">This image has no agent in it, which would tell what listens.</p>;
  return (
    <>
      {listening.length === 0 ? (
        <section>
          <p>No program in the machine listens for connections.</p>
          <p class="quiet">
            A server appears here when it starts. Try <code>python3 -m http.server</code>
          </p>
        </section>
      ) : (
        <ul class="plain-list port-cards">
          {listening.map((each) => (
            <PortCard key={each.port} page={page} ports={ports} listening={each} />
          ))}
        </ul>
      )}
      {shownOrigin({ port: 80, id: ports.id }) === null && <NoOrigin />}
    </>
  );
}

interface PortCardProps extends PortListProps {
  readonly listening: ListeningPort;
}

function PortCard({ page, ports, listening }: PortCardProps) {
  const { port, process, pid, addresses } = listening;
  const origin = shownOrigin({ port, id: ports.id });
  const tab = portTab(page.name, port);
  const name = `port-${port}`;
  const open = () => {
    if (origin !== null) ports.open.value = new PortFrame(origin, { port, id: ports.id }, "/", ports.link);
  };
  return (
    <li class="port-card">
      <section aria-labelledby={name}>
        <h3 id={name}>Port {port}</h3>
        <p class="quiet">
          {process ?? "A program"}
          {pid !== null && ` (${pid})`} listens on {addresses.join(", ")}
        </p>
        {isLoopbackOnly(listening) ? (
          <p>
            It takes connections from within the machine only. To open it here, start it on 0.0.0.0; for example{" "}
            <code>python3 -m http.server --bind 0.0.0.0 {port}</code>
          </p>
        ) : (
          origin !== null && (
            <div class="actions">
              <button type="button" class="button primary" onClick={open}>
                Open here
              </button>
              {/* biome-ignore lint/security/noBlankTarget: it is of this site, and reaches the machine by the page that opened it. */}
              <a class="button plain" href={tab} target="_blank" rel="opener">
                Open in a new tab
              </a>
              <CopyButton text={tab} />
            </div>
          )
        )}
      </section>
    </li>
  );
}

function CopyButton({ text }: { readonly text: string }) {
  const [said, setSaid] = useState("Copy address");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("The browser did not allow it");
    }
  };
  return (
    <button type="button" class="button plain" onClick={copy} onBlur={() => setSaid("Copy address")}>
      {said}
    </button>
  );
}

function NoOrigin() {
  const isNumber = /^(127\.|\[)/.test(location.hostname);
  return (
    <section>
      <h3>Why they cannot be opened</h3>
      <p>
        What a server in the machine sends must not run at this site's own address, and the site was set up with no
        other one for it. {isNumber && `Open the page at http://localhost:${location.port}/ instead.`}
      </p>
      <p class="quiet">
        Scripts on the page reach servers by <code>warmboot.session.network.fetch(port, path)</code>
      </p>
    </section>
  );
}
