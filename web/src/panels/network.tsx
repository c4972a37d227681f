import type { KernelSession, NetworkStatus } from "warmboot";
import { describeNetwork, nameNetwork } from "../ui/network-text.ts";
import { BlockedList } from "./network/blocked-list.tsx";
import { CaptureControl } from "./network/capture-control.tsx";
import { ConnectionList } from "./network/connection-list.tsx";
import { RelayForm } from "./network/relay-form.tsx";
import type { PanelProps } from "./panel.ts";

/** The machine's way to the network: how it stands, through which relay, and what goes over it. */
export function NetworkPanel({ page }: PanelProps) {
  const { state } = page;
  const session = state.usable.value ? state.session.value : null;
  return (
    <>
      <section>
        <h3>Now</h3>
        <Now status={session ? state.network.value : null} />
      </section>
      <RelayForm page={page} session={session} />
      {session && <SessionParts session={session} />}
      <BlockedList blocked={state.blocked.value} />
    </>
  );
}

function Now({ status }: { readonly status: NetworkStatus | null }) {
  if (!status) return <p class="quiet">The machine is not running.</p>;
  const reason = describeNetwork(status);
  return (
    <>
      <p class="status network" role="status" data-state={status.state}>
        {nameNetwork(status)}
      </p>
      {reason && <p>{reason}</p>}
      {status.code && <p class="quiet">The relay's code for it: {status.code}</p>}
      {status.state === "lost" && status.retryInMs !== null && <p class="quiet">It is tried again by itself.</p>}
      {status.state === "refused" && status.retryInMs === null && (
        <p class="quiet">It is not tried again before something is changed.</p>
      )}
    </>
  );
}

function SessionParts({ session }: { readonly session: KernelSession }) {
  return (
    <>
      <ConnectionList session={session} />
      <CaptureControl session={session} />
    </>
  );
}
