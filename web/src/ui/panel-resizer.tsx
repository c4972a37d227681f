import { signal } from "@preact/signals";

const KEY = "warmboot.panel-width";
const LEAST = 280;
/** What is left for the terminals. */
const LEAST_BESIDE = 240;
const DEFAULT = 400;
const STEP = 24;

/** Width of the side panel in CSS pixels. */
export const panelWidth = signal(load());

function load(): number {
  try {
    const kept = Number(localStorage.getItem(KEY));
    return kept >= LEAST ? kept : DEFAULT;
  } catch {
    return DEFAULT;
  }
}

function most(): number {
  return Math.max(LEAST, innerWidth - LEAST_BESIDE);
}

function setWidth(width: number): void {
  panelWidth.value = Math.round(Math.min(most(), Math.max(LEAST, width)));
}

function keep(): void {
  try {
    localStorage.setItem(KEY, String(panelWidth.value));
  } catch {
    // It lasts as long as the page.
  }
}

/** The edge of the side panel: dragged, or moved by the arrow keys; a double click gives the usual width. */
export function PanelResizer() {
  const drag = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const { currentTarget: edge, clientX, pointerId } = event;
    const before = panelWidth.value;
    edge.setPointerCapture(pointerId);
    const move = (moved: PointerEvent) => setWidth(before + clientX - moved.clientX);
    edge.addEventListener("pointermove", move);
    edge.addEventListener(
      "lostpointercapture",
      () => {
        edge.removeEventListener("pointermove", move);
        keep();
      },
      { once: true },
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setWidth(panelWidth.value + step);
    keep();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved.
    <div
      class="panel-edge"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuemin={LEAST}
      aria-valuemax={most()}
      aria-valuenow={panelWidth.value}
      tabIndex={0}
      onPointerDown={drag}
      onKeyDown={onKeyDown}
      onDblClick={() => {
        setWidth(DEFAULT);
        keep();
      }}
    />
  );
}
