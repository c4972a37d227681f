import { effect } from "@preact/signals";
import { ExternalLink, X } from "lucide";
import { useEffect } from "preact/hooks";
import { PagePorts } from "../ports/page-ports.ts";
import { PortView } from "../ports/port-view.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import type { PanelProps } from "./panel.ts";
import { portTab } from "./ports/open-port.ts";
import { PortList } from "./ports/port-list.tsx";

/** The servers in the machine, and one of them to look at. */
export function PortsPanel({ page }: PanelProps) {
  const ports = PagePorts.of(page);
  const frame = ports.open.value;
  useEffect(() => ports.watch(), [ports]);
  useEffect(
    () =>
      effect(() => {
        const open = ports.open.value;
        const isListening = ports.listening.ports.value.some(({ port }) => port === open?.shown.peek().port);
        // WHY not when the problem changes: a server that has one and listens would be asked without a pause.
        if (open?.problem.peek() && isListening) open.tell("try-again");
      }),
    [ports],
  );
  if (!frame) return <PortList page={page} ports={ports} />;
  const { port, path } = frame.shown.value;
  const toTab = () => {
    window.open(portTab(page.name, port, path));
  };
  return (
    <PortView frame={frame}>
      <IconButton icon={ExternalLink} label="Open in a new tab" onClick={toTab} />
      <IconButton icon={X} label="Close page" onClick={() => (ports.open.value = null)} />
    </PortView>
  );
}
