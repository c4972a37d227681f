import { X } from "lucide";
import type { MachinePage } from "../machine-page.tsx";
import type { Notice } from "../page-state.ts";
import { IconButton } from "./icon-button.tsx";

/** The notices in the corner. */
export function Notices({ page }: { readonly page: MachinePage }) {
  const { state } = page;
  const close = (notice: Notice) => {
    state.dismiss(notice);
    requestAnimationFrame(page.typeOn);
  };
  return (
    <>
      {state.update.value?.()}
      {state.corner.value?.()}
      {state.notices.value.map((notice) => (
        <div class="toast" role="alert" key={`${notice.title}\n${notice.text}`}>
          <div>
            <p>
              <strong>{notice.title}</strong>
              {notice.count > 1 && <span class="quiet"> ({notice.count} times)</span>}
            </p>
            <p>{notice.text}</p>
            {notice.action && (
              <button
                type="button"
                class="button plain"
                onClick={() => {
                  notice.action?.run();
                  close(notice);
                }}
              >
                {notice.action.label}
              </button>
            )}
          </div>
          <IconButton icon={X} label="Close notice" onClick={() => close(notice)} />
        </div>
      ))}
    </>
  );
}
