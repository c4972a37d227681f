/** Of the element. It starts from nothing, so that the page's styles do not come in but by inheritance. */
export const ELEMENT_CSS = `
:host {
  display: block;
  height: 24em;
  min-width: 0;
}
:host([hidden]) { display: none; }
.frame {
  all: initial;
  box-sizing: border-box;
  position: relative;
  display: grid;
  grid-template: minmax(0, 1fr) auto auto / minmax(0, 1fr);
  width: 100%;
  height: 100%;
  overflow: hidden;
  isolation: isolate;
  background: var(--page);
  color: var(--text);
  font: 14px / 1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
.screen { min-width: 0; min-height: 0; margin: 6px 0 4px 10px; overflow: hidden; }
.screen .xterm { height: 100%; }
.screen .xterm-viewport { background: var(--page); }
.notice {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px 12px;
  padding: 8px 12px;
  border-top: 1px solid var(--line);
  background: var(--page);
  max-height: 100%;
  box-sizing: border-box;
  overflow: auto;
}
.notice:empty { display: none; }
.notice p { flex: 1 1 12em; margin: 0; overflow-wrap: anywhere; }
.notice .what { font-weight: 600; }
.notice .next { color: var(--quiet); }
.notice[data-kind="sheet"] {
  position: absolute;
  inset: 0;
  z-index: 20;
  flex-direction: column;
  align-items: start;
  justify-content: safe center;
  border: 0;
  padding: 16px;
}
.notice[data-kind="sheet"] p { flex: none; }
.notice[data-kind="sheet"] .what { font-size: 17px; }
.notice[data-failed] .what::before { content: "! "; color: var(--bad); }
progress { flex: 1 1 6em; max-width: 16em; accent-color: var(--accent); }
button {
  min-height: 32px;
  padding: 4px 12px;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: transparent;
  color: inherit;
  font: inherit;
  cursor: pointer;
}
button:hover { border-color: var(--accent); }
@media (pointer: coarse) { button { min-height: 44px; } }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.way-out { margin: 0; padding: 4px 12px; border-top: 1px solid var(--line); background: var(--page); outline: none; }
.way-out:not(:focus) { position: absolute; width: 1px; height: 1px; padding: 0; border: 0; overflow: hidden; clip-path: inset(50%); }
`;
