import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { isPort } from "../ports/shared/address.ts";
import { shownOrigin } from "./ports/origin.ts";
import { Owner } from "./ports/owner.ts";
import { PortFrame } from "./ports/port-frame.ts";
import { PortView } from "./ports/port-view.tsx";
import { byId } from "./ui/broken-page.ts";
import { NoticeView, UnusableAddressView } from "./ui/notice-view.tsx";
import { followTheme } from "./ui/theme.ts";

/** A tab that shows one port of a machine, which runs in another page of this site. */
const given = new URL(location.href).searchParams;
const machine = given.get("machine");
const port = Number(given.get("port"));
const owner = new Owner(machine, openers());
const shownFrame = signal<PortFrame | null>(null);

followTheme();
if (isPort(port)) render(<PortTab />, byId("port"));
else render(<UnusableAddressView problem="port: it is not a number from 1 to 65535." />, byId("port"));
effect(() => {
  const origin = owner.id.value === null ? null : shownOrigin({ port, id: owner.id.value });
  if (owner.id.value !== null && origin !== null)
    shownFrame.value ??= new PortFrame(origin, { port, id: owner.id.value }, given.get("path") ?? "/", owner.link);
});
effect(() => {
  if (shownFrame.value) keepPlace(shownFrame.value);
});
effect(() => {
  const frame = shownFrame.value;
  const listening = owner.listening.value;
  // It may work again. WHY not when the problem changes: a server that has one and listens would be asked without a pause.
  if (frame?.problem.peek() && listening.includes(frame.shown.peek().port)) frame.tell("try-again");
});

function PortTab() {
  const frame = shownFrame.value;
  const isHere = owner.isHere.value;
  if (owner.id.value !== null && !frame)
    return (
      <NoticeView title="This site cannot show servers of its machines">
        <p>It was set up without an address for them.</p>
      </NoticeView>
    );
  return (
    <>
      <h1 class="port-name">Port {port}</h1>
      {!isHere && <Gone />}
      {frame && (
        <div class="port-holder" hidden={!isHere}>
          <PortView frame={frame} />
        </div>
      )}
    </>
  );
}

function Gone() {
  const open = () => {
    const address = new URL("./", document.baseURI);
    if (machine !== null) address.searchParams.set("machine", machine);
    owner.add(window.open(address));
  };
  return (
    <NoticeView title="The machine of this page is not running here">
      <p>
        Port {port}
        {machine !== null && ` of the machine "${machine}"`} is shown here as soon as the machine's page is open again.
      </p>
      {machine !== null && (
        <div class="actions">
          <button type="button" class="button primary" onClick={open}>
            Open the machine
          </button>
        </div>
      )}
    </NoticeView>
  );
}

/** So that the tab shows the same when it is loaded again, and has the page's title. */
function keepPlace({ shown }: PortFrame): void {
  const { path, title, port: now } = shown.value;
  const address = new URL(location.href);
  address.searchParams.set("port", String(now));
  address.searchParams.set("path", path);
  history.replaceState(null, "", address);
  document.title = `${title || `Port ${now}`} – ${machine ?? "Warmboot"}`;
}

/** The page that opened this one, or, where a page of the guest did, the one around that. */
function openers(): (Window | null)[] {
  try {
    const { opener } = window as { opener: Window | null };
    return [opener, opener?.top ?? null];
  } catch {
    return [];
  }
}
