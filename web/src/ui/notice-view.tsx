import type { ComponentChildren } from "preact";
import { ENGINES } from "../address.ts";

/** A page instead of a machine, or over its terminals. */
export function NoticeView({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="sheet">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** For `?engine=` with a name that does not exist. */
export function UnknownEngineView({ engine }: { readonly engine: string }) {
  return (
    <NoticeView title={`There is no engine "${engine}"`}>
      <p>The engines that exist:</p>
      <ul>
        {Object.entries(ENGINES).map(([name, text]) => (
          <li key={name}>
            <a href={`?engine=${name}`}>?engine={name}</a> – {text}
          </li>
        ))}
      </ul>
    </NoticeView>
  );
}

/** For this page in a frame of another site, which could have somebody type and click here without knowing it. */
export function FramedView() {
  return (
    <NoticeView title="This page does not run inside another site">
      <p>
        <a href={location.href} target="_blank" rel="noopener">
          Open it in a tab of its own
        </a>
      </p>
      <p class="quiet">Whoever puts a terminal into a page of theirs can show embed.html of this site.</p>
    </NoticeView>
  );
}

/** For parameters that cannot be used. */
export function UnusableAddressView({ problem }: { readonly problem: string }) {
  return (
    <NoticeView title="The address of this page cannot be used">
      <p>{problem}</p>
      <p>
        <a href="./">Open the default machine</a>
      </p>
    </NoticeView>
  );
}

/** When the last terminal was closed: the machine still runs. */
export function NoTerminalsView({ onOpen }: { readonly onOpen: () => void }) {
  return (
    <NoticeView title="No terminal is open">
      <p>The machine goes on running.</p>
      <div class="actions">
        <button type="button" class="button primary" onClick={onOpen}>
          New terminal
        </button>
      </div>
    </NoticeView>
  );
}

/** When the machine was shut down from within. `isKept`: beyond this tab. */
export function OffView({ isKept, onStart }: { readonly isKept: boolean; readonly onStart: () => void }) {
  return (
    <NoticeView title="The machine is off">
      <p>It was shut down from within. Its files are kept{isKept ? "" : " as long as this tab is open"}.</p>
      <div class="actions">
        <button type="button" class="button primary start" onClick={onStart}>
          Start it again
        </button>
      </div>
    </NoticeView>
  );
}

/** When somebody closed the machine. */
export function ClosedView({ onNew }: { readonly onNew: () => void }) {
  return (
    <NoticeView title="The machine is closed">
      <div class="actions">
        <button type="button" class="button primary" onClick={onNew}>
          New machine
        </button>
      </div>
    </NoticeView>
  );
}
