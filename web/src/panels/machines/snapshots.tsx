import { Camera, History, Trash2 } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { type SnapshotInfo, savedMachines } from "warmboot";
import { keptMachines } from "../../machine/kept-machines.ts";
import type { MachinePage } from "../../machine-page.tsx";
import { formatAgo } from "../../ui/ago.ts";
import { formatBytes } from "../../ui/bytes.ts";
import { ask } from "../../ui/dialog.tsx";
import { Icon } from "../../ui/icon.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { freeName } from "../../ui/machine-name.ts";
import { useNow } from "../../ui/now.ts";
import { askToGoBack } from "./go-back.tsx";
import { NameForm } from "./name-form.tsx";
import { Problem } from "./problem.tsx";

/** States of this machine that are kept under names. */
export function Snapshots({ page, name }: { readonly page: MachinePage; readonly name: string }) {
  const [list, setList] = useState<readonly SnapshotInfo[]>([]);
  const [problem, setProblem] = useState<unknown>(null);
  const [keeping, setKeeping] = useState(false);
  const session = page.state.session.value;
  const savedAt = page.state.saved.value.at;
  const usable = page.state.usable.value || page.state.phase.value === "off";
  const read = async () => {
    try {
      const saved = keptMachines.list.value?.some((machine) => machine.name === name) ?? false;
      const live = session && usable;
      setList(live ? await session.snapshots.list() : saved ? await savedMachines().snapshots(name) : []);
    } catch (error) {
      setProblem(error);
    }
  };
  // They may have changed whenever the machine was saved.
  useEffect(() => void read(), [session, savedAt, usable]);
  const names = list.map((snapshot) => snapshot.name);
  const keep = async (snapshot: string) => {
    await session?.save({ snapshot });
    await read();
  };
  const remove = async (snapshot: string) => {
    const agreed = await ask(page.state, {
      title: `Delete the snapshot "${snapshot}"?`,
      text: "It cannot be gone back to any more. The machine, and its other snapshots, stay as they are.",
      agree: "Delete it",
      refuse: "Keep it",
    });
    if (!agreed) return;
    setProblem(null);
    try {
      if (session && usable) await session.snapshots.remove(snapshot);
      else await savedMachines().removeSnapshot(name, snapshot);
    } catch (error) {
      setProblem(error);
    }
    await read();
    void keptMachines.refresh();
  };
  return (
    <section aria-label="Snapshots">
      <h3>Snapshots of this machine</h3>
      <div class="actions">
        <button type="button" class="button plain" disabled={!session || !usable} onClick={() => setKeeping(true)}>
          <Icon of={Camera} /> Keep this state
        </button>
      </div>
      {keeping && (
        <NameForm
          label="Name of this state"
          initial={freeName(new Date().toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }), names)}
          action="Keep it"
          taken={names}
          onSubmit={keep}
          onClose={() => setKeeping(false)}
        />
      )}
      <Problem of={problem} />
      {list.length === 0 ? (
        <p class="quiet">None yet. A snapshot is the whole machine, with its programs, as it is at one moment.</p>
      ) : (
        <ul class="machines" aria-label="Snapshots">
          {list.map((snapshot) => (
            <SnapshotRow
              key={snapshot.name}
              snapshot={snapshot}
              onGoBack={() => void askToGoBack(page, snapshot.name, names)}
              onRemove={() => void remove(snapshot.name)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

interface SnapshotRowProps {
  readonly snapshot: SnapshotInfo;
  readonly onGoBack: () => void;
  readonly onRemove: () => void;
}

function SnapshotRow({ snapshot: { name, savedAt, bytes, ownBytes, problem }, onGoBack, onRemove }: SnapshotRowProps) {
  const ago = formatAgo(useNow() - savedAt.getTime());
  return (
    <li class="machine">
      <div class="machine-head">
        <div>
          <strong>{name}</strong>
          <p class="quiet">
            {ago} ago · {formatBytes(bytes)}, {formatBytes(ownBytes)} of its own
          </p>
        </div>
        <div class="row-actions">
          <IconButton icon={History} label={`Go back to ${name}`} disabled={problem !== null} onClick={onGoBack} />
          <IconButton icon={Trash2} label={`Delete snapshot ${name}`} onClick={onRemove} />
        </div>
      </div>
      {problem !== null && <p class="problem">It cannot be gone back to: {problem}.</p>}
    </li>
  );
}
