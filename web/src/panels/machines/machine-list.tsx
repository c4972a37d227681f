import { Plus, Upload } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { AbortedError } from "warmboot";
import { type Deletion, deletions } from "../../machine/deletions.ts";
import { keptMachines, type Transfer } from "../../machine/kept-machines.ts";
import { type SiteImage, siteImages } from "../../machine/site-images.ts";
import type { MachinePage } from "../../machine-page.tsx";
import { formatBytes } from "../../ui/bytes.ts";
import { focusIsLost } from "../../ui/focus.ts";
import { Icon } from "../../ui/icon.tsx";
import { useNow } from "../../ui/now.ts";
import type { PanelProps } from "../panel.ts";
import { MachineRow } from "./machine-row.tsx";
import { openNewMachine } from "./new-machine.tsx";
import { Problem } from "./problem.tsx";

/** All machines that are kept in this browser. */
export function MachineList({ page }: PanelProps) {
  const [images, setImages] = useState<readonly SiteImage[]>([]);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => void siteImages().then(setImages), []);
  useFreshList(page);
  const importFiles = async (files: readonly File[]) => {
    setProblem(null);
    for (const file of files) {
      await keptMachines.import(file).catch((error) => {
        if (!(error instanceof AbortedError)) setProblem(error);
      });
    }
  };
  const section = useRef<HTMLElement>(null);
  const dropping = useDrop(section, importFiles);
  return (
    <section ref={section} aria-label="All machines" data-dropping={dropping}>
      <h3>All machines</h3>
      <div class="actions">
        <button type="button" class="button plain" onClick={() => openNewMachine(page)}>
          <Icon of={Plus} /> New machine
        </button>
        <ImportButton onFiles={importFiles} />
      </div>
      <p class="quiet drop-hint">{dropping ? "Let go to import it." : "A .warmboot file can be dropped here, too."}</p>
      <Problem of={problem} />
      {keptMachines.transfers.value.map((transfer) => (
        <TransferRow key={transfer.label} transfer={transfer} />
      ))}
      <Rows page={page} images={images} />
    </section>
  );
}

function Rows({ page, images }: { readonly page: MachinePage; readonly images: readonly SiteImage[] }) {
  /** Id of the one that was deleted, or brought back, last. */
  const [touched, setTouched] = useState<string | null>(null);
  const rows = useRef<HTMLUListElement>(null);
  const list = keptMachines.list.value;
  const pending = deletions.pending.value;
  if (keptMachines.problem.value !== null) return <Problem of={keptMachines.problem.value} />;
  if (list === null) return <p class="quiet">Looking…</p>;
  if (list.length === 0) return <p class="quiet">Nothing has been saved yet.</p>;
  return (
    <ul ref={rows} class="machines" tabIndex={-1}>
      {list.map((machine) => {
        const deletion = pending.find(({ id }) => id === machine.id);
        return deletion ? (
          <DeletedRow key={machine.id} deletion={deletion} takeFocus={touched === machine.id} rows={rows} />
        ) : (
          <MachineRow
            key={machine.id}
            page={page}
            machine={machine}
            images={images}
            takeFocus={touched === machine.id}
            onDelete={() => setTouched(machine.id)}
          />
        );
      })}
    </ul>
  );
}

interface DeletedRowProps {
  readonly deletion: Deletion;
  readonly takeFocus: boolean;
  /** Gets the focus when this is gone with it. */
  readonly rows: { readonly current: HTMLElement | null };
}

/** In the place of a machine that was deleted just now. */
function DeletedRow({ deletion, takeFocus, rows }: DeletedRowProps) {
  const undo = useRef<HTMLButtonElement>(null);
  const left = Math.max(0, Math.ceil((deletion.dueAt - useNow()) / 1000));
  useEffect(() => {
    if (takeFocus) undo.current?.focus();
    return () => focusIsLost() && rows.current?.focus();
  }, [takeFocus, rows]);
  return (
    <li class="machine deleted">
      <div class="machine-head">
        <p role="status">"{deletion.name || "The machine"}" is deleted.</p>
        <button ref={undo} type="button" class="button plain" onClick={() => deletions.undo(deletion.id)}>
          Undo <span aria-hidden="true">({left} s)</span>
        </button>
      </div>
    </li>
  );
}

function TransferRow({ transfer: { label, doneBytes, totalBytes, cancel } }: { readonly transfer: Transfer }) {
  return (
    <div class="transfer">
      <div class="machine-head">
        <p>
          {label}:{" "}
          <span class="quiet">
            {formatBytes(doneBytes)}
            {totalBytes > 0 && ` of ${formatBytes(totalBytes)}`}
          </span>
        </p>
        <button type="button" class="button plain" onClick={cancel}>
          Cancel
        </button>
      </div>
      <progress aria-label={label} max={Math.max(totalBytes, doneBytes, 1)} value={doneBytes} />
    </div>
  );
}

function ImportButton({ onFiles }: { readonly onFiles: (files: readonly File[]) => Promise<void> }) {
  const input = useRef<HTMLInputElement>(null);
  const change = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
    void onFiles([...(currentTarget.files ?? [])]);
    // The same file can be chosen again.
    currentTarget.value = "";
  };
  return (
    <>
      <button type="button" class="button plain" onClick={() => input.current?.click()}>
        <Icon of={Upload} /> Import
      </button>
      <input ref={input} type="file" accept=".warmboot" multiple hidden aria-label="Machine file" onChange={change} />
    </>
  );
}

/** Reads the list when it is shown, when the page is seen again, and when the machine here was saved. */
function useFreshList(page: MachinePage): void {
  const savedAt = page.state.saved.value.at;
  const session = page.state.session.value;
  useEffect(() => {
    void keptMachines.refresh();
  }, [savedAt, session]);
  useEffect(() => {
    const look = () => !document.hidden && void keptMachines.refresh();
    document.addEventListener("visibilitychange", look);
    addEventListener("focus", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      removeEventListener("focus", look);
    };
  }, []);
}

/** Takes files that are dropped anywhere on the panel. Returns whether some are over it. */
function useDrop(inside: { readonly current: HTMLElement | null }, onFiles: (files: readonly File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;
  useEffect(() => {
    const panel = inside.current?.closest<HTMLElement>(".side-panel");
    if (!panel) return;
    const end = new AbortController();
    const on = (type: "dragover" | "dragleave" | "drop", listener: (event: DragEvent) => void) =>
      panel.addEventListener(type, (event) => event.dataTransfer?.types.includes("Files") && listener(event), end);
    on("dragover", (event) => {
      event.preventDefault();
      event.stopPropagation();
      setOver(true);
    });
    on("dragleave", (event) => {
      if (!(event.relatedTarget instanceof Node && panel.contains(event.relatedTarget))) setOver(false);
    });
    on("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      setOver(false);
      take.current([...(event.dataTransfer?.files ?? [])]);
    });
    return () => end.abort();
  }, [inside]);
  return over;
}
