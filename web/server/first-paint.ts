import { createHash } from "node:crypto";

/**
 * Runs in the page's head, so that the first paint has the theme that was chosen: what comes as a file comes too late for that. The
 * name and the values are those of src/settings.ts.
 */
export const FIRST_PAINT_SCRIPT = `try {
  const { theme } = JSON.parse(localStorage.getItem("warmboot.settings"));
  if (["light", "dark", "contrast"].includes(theme)) document.documentElement.dataset.theme = theme;
} catch {}`;

/** By which the policy of the page allows it. */
export const FIRST_PAINT_HASH = `sha256-${createHash("sha256").update(FIRST_PAINT_SCRIPT).digest("base64")}`;
