const KEYS: readonly (readonly [string, string])[] = [
  ["Ctrl+Shift+C", "copy the selection (on a Mac ⌘C)"],
  ["Ctrl+Shift+V", "paste (on a Mac ⌘V)"],
  ["Ctrl+Shift+F", "search in the terminal; Enter goes on, Shift+Enter back, Escape ends it"],
  ["Shift+F10", "the terminal's menu, as the right mouse button"],
  ["Ctrl+Shift+M", "leave the terminal for the bar; Enter on a tab goes back"],
  ["← → on the tabs", "change terminal; with Shift move it; F2 names it; Delete closes it"],
  ["Shift+Page Up / Down", "scroll back and forth"],
  ["Escape in a panel", "close it"],
];

/** The keys that are the page's, not the guest's. */
export function Keys() {
  return (
    <dl class="keys">
      {KEYS.map(([key, does]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}
