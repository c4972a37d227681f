import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { settings } from "../settings.ts";

const light = matchMedia("(prefers-color-scheme: light)");
const contrast = matchMedia("(prefers-contrast: more)");
const system = signal(systemTheme());
for (const query of [light, contrast])
  query.addEventListener("change", () => {
    system.value = systemTheme();
  });

function systemTheme(): Theme {
  if (contrast.matches) return "contrast";
  return light.matches ? "light" : "dark";
}

export type Theme = "light" | "dark" | "contrast";

const shown = signal<Theme>(wanted());

/** What the person chose, or what the system asks for. */
function wanted(): Theme {
  const chosen = settings.value.theme;
  return chosen === "system" ? system.value : chosen;
}

/** The theme that the page's colours are of. */
export const theme: ReadonlySignal<Theme> = shown;

/** Has the page follow what is chosen from now on; until then the script in its head did. */
export function followTheme(): void {
  effect(() => {
    const chosen = settings.value.theme;
    if (chosen === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = chosen;
    // WHY after that: who reads it looks at the page's colours next.
    shown.value = wanted();
  });
}
