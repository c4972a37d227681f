import type { IconNode } from "lucide";
import { Folder, HardDrive, Network, PanelsTopLeft, Settings } from "lucide";
import type { FunctionComponent } from "preact";
import type { MachinePage } from "../machine-page.tsx";

/** What every panel is given. */
export interface PanelProps {
  readonly page: MachinePage;
}

export type PanelName = "machines" | "files" | "network" | "ports" | "settings";

/** A panel beside the terminals; its code is loaded when it is opened first. */
export interface Panel {
  readonly title: string;
  readonly icon: IconNode;
  load(): Promise<FunctionComponent<PanelProps>>;
}

/** In the order of the bar. */
export const PANELS: Readonly<Record<PanelName, Panel>> = {
  machines: { title: "Machines", icon: HardDrive, load: async () => (await import("./machines.tsx")).MachinesPanel },
  files: { title: "Files", icon: Folder, load: async () => (await import("./files.tsx")).FilesPanel },
  network: { title: "Network", icon: Network, load: async () => (await import("./network.tsx")).NetworkPanel },
  ports: { title: "Ports", icon: PanelsTopLeft, load: async () => (await import("./ports.tsx")).PortsPanel },
  settings: {
    title: "Settings and help",
    icon: Settings,
    load: async () => (await import("./settings.tsx")).SettingsPanel,
  },
};

export const PANEL_NAMES = Object.keys(PANELS) as readonly PanelName[];
