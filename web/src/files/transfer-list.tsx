import { X } from "lucide";
import { IconButton } from "../ui/icon-button.tsx";
import type { PageFiles } from "./page-files.ts";
import type { Transfer, TransferState } from "./transfers.ts";
import { sizeText } from "./words.ts";

const ENDS: Readonly<Record<TransferState, string>> = {
  running: "",
  done: "Done",
  cancelled: "Cancelled",
  failed: "Failed",
};

/** What is on its way, and what has just ended. */
export function TransferList({ files }: { readonly files: PageFiles }) {
  const { list } = files.transfers;
  return (
    <>
      {list.value.map((transfer) => (
        <TransferCard key={transfer.id} transfer={transfer} onClose={() => files.transfers.dismiss(transfer)} />
      ))}
    </>
  );
}

function TransferCard({ transfer, onClose }: { readonly transfer: Transfer; readonly onClose: () => void }) {
  const state = transfer.state.value;
  const note = transfer.note.value;
  const isRunning = state === "running";
  return (
    <div class="toast transfer" data-state={state}>
      <div>
        <p>
          <strong>{transfer.title}</strong>
        </p>
        {isRunning && <Progress transfer={transfer} />}
        {!isRunning && (
          <p role={state === "failed" ? "alert" : "status"}>
            {ENDS[state]}
            {note && `: ${note}`}
          </p>
        )}
      </div>
      {isRunning ? (
        <button type="button" class="button plain" onClick={() => transfer.cancel()}>
          Cancel
        </button>
      ) : (
        <IconButton icon={X} label="Close" onClick={onClose} />
      )}
    </div>
  );
}

function Progress({ transfer }: { readonly transfer: Transfer }) {
  const total = transfer.total.value;
  const bytes = transfer.bytes.value;
  const done = total === null ? bytes : Math.min(bytes, total);
  return (
    <div aria-live="off">
      <progress aria-label={transfer.title} {...(total !== null && total > 0 && { max: total, value: done })} />
      <p class="quiet">{transfer.note.value || `${sizeText(done)}${total === null ? "" : ` of ${sizeText(total)}`}`}</p>
    </div>
  );
}
