import { Menu } from "lucide";
import type { MachinePage } from "../machine-page.tsx";
import { PANEL_NAMES, PANELS } from "../panels/panel.ts";
import { PagePorts } from "../ports/page-ports.ts";
import { IconButton } from "./icon-button.tsx";
import { describeNetwork, nameNetwork } from "./network-text.ts";
import { SaveButton } from "./save-button.tsx";
import { TabStrip } from "./tab-strip.tsx";
import { UsageView } from "./usage-view.tsx";

/** The bar over everything: the terminals, how the machine is, and the way to the panels. */
export function Bar({ page }: { readonly page: MachinePage }) {
  const { state } = page;
  const phase = state.phase.value;
  return (
    <>
      <h1 class="brand">
        <img src="./icon.svg" width="20" height="20" alt="" /> <span>Warmboot</span>
      </h1>
      <MachineName page={page} />
      <TabStrip page={page} />
      <span class="spacer" />
      {page.name === null && (
        <span id="note" class="note">
          Not kept: gone when this tab closes
        </span>
      )}
      <SaveButton page={page} />
      <UsageView page={page} />
      <NetworkStatus page={page} />
      <p id="status" class="status" role="status" data-phase={phase}>
        {phase}
      </p>
      <PanelButtons page={page} />
    </>
  );
}

/** What the machine is kept as, and the way to the others. */
function MachineName({ page }: { readonly page: MachinePage }) {
  if (page.name === null) return null;
  return (
    <button
      type="button"
      class="machine-name"
      title="Which machine this is"
      aria-label={`Machine ${page.name}`}
      aria-expanded={page.state.panel.value === "machines"}
      aria-controls="side"
      onClick={(event) => page.panels.toggle("machines", event.detail > 0)}
    >
      {page.name}
    </button>
  );
}

function NetworkStatus({ page }: { readonly page: MachinePage }) {
  const status = page.state.network.value;
  if (!status || !page.state.usable.value) return null;
  return (
    <button
      type="button"
      id="network"
      class="status network"
      data-state={status.state}
      title={describeNetwork(status)}
      aria-expanded={page.state.panel.value === "network"}
      aria-controls="side"
      onClick={(event) => page.panels.toggle("network", event.detail > 0)}
    >
      <span role="status">{nameNetwork(status)}</span>
    </button>
  );
}

function PanelButtons({ page }: { readonly page: MachinePage }) {
  const { state } = page;
  const open = state.panel.value;
  return (
    <nav class="panel-buttons" aria-label="Panels">
      {PANEL_NAMES.map((name) => (
        <IconButton
          key={name}
          class="each-panel"
          icon={PANELS[name].icon}
          label={PANELS[name].title}
          aria-expanded={open === name}
          aria-controls="side"
          onClick={(event) => page.panels.toggle(name, event.detail > 0)}
        >
          {name === "ports" && <PortsBadge page={page} />}
        </IconButton>
      ))}
      <IconButton
        class="any-panel"
        icon={Menu}
        label="Panels"
        aria-expanded={open !== null}
        aria-controls="side"
        onClick={(event) => page.panels.toggle(open ?? "machines", event.detail > 0)}
      />
    </nav>
  );
}

/** How many ports of the machine there are to open. It is said in the panel, too. */
function PortsBadge({ page }: { readonly page: MachinePage }) {
  const count = PagePorts.of(page).listening.ports.value.length;
  return count === 0 ? null : (
    <span class="ports-badge" aria-hidden="true">
      {count}
    </span>
  );
}
