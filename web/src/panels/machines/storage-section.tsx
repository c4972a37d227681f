import { useEffect, useState } from "preact/hooks";
import { keptMachines } from "../../machine/kept-machines.ts";
import { formatBytes } from "../../ui/bytes.ts";

interface Storage {
  readonly usage: number;
  readonly quota: number;
  /** The browser does not delete it by itself. */
  readonly isSafe: boolean;
}

/** How much room the machines take, how much there is, and whether the browser may delete them. */
export function StorageSection() {
  const [storage, setStorage] = useState<Storage | null>(null);
  const [refused, setRefused] = useState(false);
  const list = keptMachines.list.value;
  // Another list of machines takes other room.
  useEffect(() => void readStorage().then(setStorage), [list]);
  const ask = async () => {
    const granted = await navigator.storage.persist().catch(() => false);
    setRefused(!granted);
    setStorage(await readStorage());
  };
  if (!storage) return null;
  const bytes = (list ?? []).reduce((sum, machine) => sum + machine.bytes, 0);
  return (
    <section aria-label="Storage">
      <h3>Storage</h3>
      <p>
        The machines take {formatBytes(bytes)}.
        {storage.quota > 0 && ` All of this site: ${formatBytes(storage.usage)} of ${formatBytes(storage.quota)}.`}
      </p>
      {storage.quota > 0 && <meter aria-label="Room used" min={0} max={storage.quota} value={storage.usage} />}
      {storage.isSafe ? (
        <p class="quiet">This browser does not delete them by itself.</p>
      ) : (
        <>
          <p class="quiet">
            This browser may delete them when the computer's disk is full. Those that matter can be exported.
          </p>
          <div class="actions">
            <button type="button" class="button plain" onClick={ask}>
              Ask the browser to keep them
            </button>
          </div>
          <p class="problem" role="status">
            {refused &&
              "This browser did not agree. Some do after the site was used for a while, or was bookmarked or installed."}
          </p>
        </>
      )}
    </section>
  );
}

async function readStorage(): Promise<Storage> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  return { usage, quota, isSafe: (await navigator.storage?.persisted?.().catch(() => false)) ?? false };
}
