import { X } from "lucide";
import type { PageState } from "../page-state.ts";
import { Icon } from "./icon.tsx";

/** The notices in the corner. */
export function Notices({ state }: { readonly state: PageState }) {
  return (
    <>
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
                  state.dismiss(notice);
                }}
              >
                {notice.action.label}
              </button>
            )}
          </div>
          <button type="button" class="icon-button" aria-label="Close notice" onClick={() => state.dismiss(notice)}>
            <Icon of={X} />
          </button>
        </div>
      ))}
    </>
  );
}
