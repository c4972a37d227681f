import { chooseFiles } from "./choose.ts";
import type { GuestRequest } from "./guest-request.ts";
import { listNames, type PageFiles } from "./page-files.ts";
import { shownName } from "./paths.ts";

/** The oldest request of the guest that waits for a person. */
export function RequestCard({ files }: { readonly files: PageFiles }) {
  const { requests } = files;
  const [request, ...others] = requests.waiting.value;
  if (!request) return null;
  return (
    <div class="toast request" role="alert">
      <div>
        <p>
          <strong>
            {request.verb === "upload" ? "The machine asks for files." : "The machine wants to give you files."}
          </strong>
        </p>
        <p>
          {request.verb === "upload" ? `They go to ${shownName(request.paths[0] ?? "")}.` : listNames(request.paths)}
        </p>
        {others.length > 0 && <p class="quiet">{others.length} more requests wait.</p>}
        <div class="actions">
          {request.verb === "upload" ? (
            <UploadButtons files={files} request={request} />
          ) : (
            <button type="button" class="button primary" onClick={() => requests.grant(request)}>
              Download
            </button>
          )}
          <button type="button" class="button plain" onClick={() => requests.settle(request)}>
            No
          </button>
        </div>
      </div>
    </div>
  );
}

function UploadButtons({ files, request }: { readonly files: PageFiles; readonly request: GuestRequest }) {
  const choose = (kind: "files" | "folder") => async () => {
    const chosen = await chooseFiles(kind);
    if (!chosen) return;
    files.requests.settle(request);
    void files.upload(Promise.resolve(chosen), request.paths[0] ?? "");
  };
  return (
    <>
      <button type="button" class="button primary" onClick={choose("files")}>
        Choose files…
      </button>
      <button type="button" class="button plain" onClick={choose("folder")}>
        Choose a folder…
      </button>
    </>
  );
}
