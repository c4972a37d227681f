import { MachineList } from "./machines/machine-list.tsx";
import { Snapshots } from "./machines/snapshots.tsx";
import { StorageSection } from "./machines/storage-section.tsx";
import { ThisMachine } from "./machines/this-machine.tsx";
import type { PanelProps } from "./panel.ts";

/** This machine, and the others that are kept. */
export function MachinesPanel({ page }: PanelProps) {
  return (
    <>
      <ThisMachine page={page} />
      {page.name !== null && <Snapshots page={page} name={page.name} />}
      <MachineList page={page} />
      <StorageSection />
    </>
  );
}
