import { Pause, Play, Power, PowerOff, RotateCcw, Save } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { KernelSession, Opened } from "warmboot";
import { keptMachines } from "../../machine/kept-machines.ts";
import type { CameUp } from "../../machine/machine.ts";
import { formatAgo, formatSeconds } from "../../ui/ago.ts";
import { formatBytes, formatMib, formatUsed } from "../../ui/bytes.ts";
import { Icon } from "../../ui/icon.tsx";
import { useNow } from "../../ui/now.ts";
import type { PanelProps } from "../panel.ts";

const OPENED: Readonly<Record<Opened["how"], string>> = {
  new: "new, from its image",
  warm: "went on where it was saved",
  previous: "went on from an earlier state",
  cold: "started anew, with its files",
  fork: "a copy of a running machine",
};

/** The machine of this page: how it is, what it uses, and its switches. */
export function ThisMachine({ page }: PanelProps) {
  const session = page.state.session.value;
  return (
    <section aria-label="This machine">
      <h3>{page.name ?? "This machine"}</h3>
      {page.name === null && <p class="quiet">It is not kept: it is gone when this tab closes.</p>}
      <Facts page={page} />
      <div class="actions">
        {session && <PowerButtons page={page} session={session} />}
        {session && page.name !== null && <SaveNow page={page} />}
        <button
          type="button"
          class="button plain"
          title="End this machine, delete it, and begin anew from the image"
          onClick={() => page.startOver()}
        >
          Start over
        </button>
      </div>
    </section>
  );
}

function Facts({ page }: PanelProps) {
  const { state } = page;
  const { usage } = state;
  useEffect(() => usage.look("watch"), [usage]);
  const session = state.session.value;
  const phase = state.phase.value;
  const stats = phase === "running" ? usage.stats.value : null;
  const cpu = usage.cpu.value;
  return (
    <dl class="facts" id="facts">
      <Fact name="State">{phase}</Fact>
      {session && (
        <>
          <Fact name="Came up">{describeStart(session.opened, state.cameUp.value)}</Fact>
          <Fact name="Image">
            {session.info.imageName}, {formatMib(session.info.memoryMb)} of memory
          </Fact>
        </>
      )}
      {page.name !== null && (
        <Fact name="Saved">
          <SavedText page={page} />
        </Fact>
      )}
      {stats && <Fact name="Up for">{formatAgo(stats.uptimeSeconds * 1000)}</Fact>}
      {phase === "running" && cpu !== null && <Fact name="CPU">{Math.round(cpu * 100)} % of one core</Fact>}
      {stats && (
        <>
          <Fact name="Memory">
            {formatUsed(stats.memory.totalBytes - stats.memory.availableBytes, stats.memory.totalBytes)} used
          </Fact>
          <Fact name="Disk">
            {formatUsed(stats.disk.totalBytes - stats.disk.freeBytes, stats.disk.totalBytes)} used,{" "}
            {formatBytes(stats.disk.ownBytes)} its own
          </Fact>
          <Fact name="Load">
            {stats.load.map((value) => value.toFixed(2)).join(" ")}, {stats.processes} processes
          </Fact>
        </>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** When, and what it takes in this browser. */
function SavedText({ page }: PanelProps) {
  const now = useNow();
  const { at, failed, saving } = page.state.saved.value;
  const bytes = keptMachines.list.value?.find(({ name }) => name === page.name)?.bytes;
  if (saving) return <>now…</>;
  const when = at === null ? "not yet" : `${formatAgo(now - at)} ago`;
  return (
    <>
      {failed ? `failed; before that ${when}` : when}
      {bytes !== undefined && `, ${formatBytes(bytes)} in all`}
    </>
  );
}

function SaveNow({ page }: PanelProps) {
  const { saving } = page.state.saved.value;
  const possible = page.state.usable.value || page.state.phase.value === "off";
  return (
    <button type="button" class="button plain" disabled={saving || !possible} onClick={() => void page.save()}>
      <Icon of={Save} /> Save now
    </button>
  );
}

/** Pauses, reboots and shuts down. What goes wrong with it is told by the machine. */
function PowerButtons({ page, session }: PanelProps & { readonly session: KernelSession }) {
  const phase = page.state.phase.value;
  const running = phase === "running";
  const off = phase === "off";
  const press = (action: () => Promise<unknown>) => () => void action().catch(() => {});
  return (
    <>
      {phase === "paused" ? (
        <button type="button" class="button plain" onClick={press(() => session.resume())}>
          <Icon of={Play} /> Go on
        </button>
      ) : (
        <button type="button" class="button plain" disabled={!running} onClick={press(() => session.pause())}>
          <Icon of={Pause} /> Pause
        </button>
      )}
      <button type="button" class="button plain" disabled={!running && !off} onClick={press(() => session.reboot())}>
        <Icon of={off ? Power : RotateCcw} /> {off ? "Start it" : "Reboot"}
      </button>
      {session.info.agent !== "" && !off && (
        <button
          type="button"
          class="button plain"
          disabled={!running}
          title="Run poweroff in the machine: its programs end, its files stay"
          onClick={press(() => session.exec("poweroff"))}
        >
          <Icon of={PowerOff} /> Shut down
        </button>
      )}
    </>
  );
}

/** How it came up, and how long that took. */
function describeStart({ how, snapshot }: Opened, cameUp: CameUp | null): string {
  const opened = snapshot === undefined ? OPENED[how] : `${OPENED[how]}, as "${snapshot}"`;
  if (!cameUp) return opened;
  return `${cameUp.byReboot ? "booted again" : opened}, in ${formatSeconds(cameUp.ms)}`;
}
