import { Pause, Play, Power, RotateCcw } from "lucide";
import type { KernelSession } from "warmboot";
import { Icon } from "../ui/icon.tsx";
import type { PanelProps } from "./panel.ts";

/** This machine, and the others that are kept. */
export function MachinesPanel({ page }: PanelProps) {
  const session = page.state.session.value;
  return (
    <section>
      <h3>{page.name ?? "This machine"}</h3>
      <p class="quiet">{page.name === null ? "It is gone when this tab closes." : "It is kept in this browser."}</p>
      <div class="actions">
        {session && <PowerButtons page={page} session={session} />}
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
        {off ? <Icon of={Power} /> : <Icon of={RotateCcw} />} {off ? "Start it" : "Reboot"}
      </button>
    </>
  );
}
