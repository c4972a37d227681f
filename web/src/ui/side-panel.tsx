import { X } from "lucide";
import type { FunctionComponent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { MachinePage } from "../machine-page.tsx";
import { PANEL_NAMES, PANELS, type PanelName, type PanelProps } from "../panels/panel.ts";
import { byId } from "./broken-page.ts";
import { IconButton } from "./icon-button.tsx";
import { PanelResizer, panelWidth } from "./panel-resizer.tsx";

/** As in narrow.css. */
const NARROW = matchMedia("(max-width: 600px)");

/** The panel beside the terminals, on a phone over them. Escape closes it, and the focus goes back to where it was. */
export function SidePanel({ page }: { readonly page: MachinePage }) {
  const name = page.state.panel.value;
  const close = () => page.panels.close();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    close();
  };
  useEffect(() => (name === null ? undefined : restBehindPanel()), [name === null]);
  if (name === null) return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape, wherever the focus is in the panel.
    <div class="side-panel" style={{ "--panel-width": `${panelWidth.value}px` }} onKeyDown={onKeyDown}>
      <PanelResizer />
      <header>
        <PanelTitle key={name} name={name} />
        <IconButton icon={X} label="Close panel" onClick={close} />
      </header>
      <PanelSwitch page={page} name={name} />
      <LoadedPanel key={name} page={page} name={name} />
    </div>
  );
}

/** Takes the focus when the panel is opened, so that a keyboard and a screen reader go on from there. */
function PanelTitle({ name }: { readonly name: PanelName }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // WHY not later: what the panel has may take the focus next.
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <h2 ref={heading} tabIndex={-1}>
      {PANELS[name].title}
    </h2>
  );
}

/** Where the bar has no room for the panels' buttons. */
function PanelSwitch({ page, name }: { readonly page: MachinePage; readonly name: PanelName }) {
  return (
    <nav class="panel-switch" aria-label="Other panels">
      {PANEL_NAMES.map((each) => (
        <IconButton
          key={each}
          icon={PANELS[each].icon}
          label={PANELS[each].title}
          aria-current={each === name ? "page" : undefined}
          onClick={() => page.panels.open(each)}
        />
      ))}
    </nav>
  );
}

/** The panel itself, whose code comes when it is opened first. */
function LoadedPanel({ page, name }: { readonly page: MachinePage; readonly name: PanelName }) {
  const [Content, setContent] = useState<FunctionComponent<PanelProps> | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    PANELS[name].load().then(
      (component) => setContent(() => component),
      (error: unknown) => setProblem(String(error)),
    );
  }, [name, attempt]);
  const again = () => {
    setProblem(null);
    setAttempt(attempt + 1);
  };
  if (problem !== null)
    return (
      <div class="panel-body" role="alert">
        <p>This panel could not be loaded. {problem}</p>
        <button type="button" class="button plain" onClick={again}>
          Try again
        </button>
      </div>
    );
  return <div class="panel-body">{Content ? <Content page={page} /> : <p class="quiet">Loading…</p>}</div>;
}

/** On a narrow page the panel covers the rest, which cannot be reached then. Returns the function that ends that. */
function restBehindPanel(): () => void {
  const behind = ["bar", "stage", "key-bar"].map(byId);
  const rest = () => {
    for (const element of behind) element.inert = NARROW.matches;
  };
  rest();
  NARROW.addEventListener("change", rest);
  return () => {
    NARROW.removeEventListener("change", rest);
    for (const element of behind) element.inert = false;
  };
}
