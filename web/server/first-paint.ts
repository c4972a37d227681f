import { createHash } from "node:crypto";

/**
 * Runs in a page's head, so that the first paint has the theme that was chosen: what comes as a file comes too late for that. The
 * name and the values are those of src/settings.ts; the address of embed.html can name a theme, too.
 */
export const FIRST_PAINT_SCRIPT = `try {
  const root = document.documentElement;
  const named = root.dataset.page === "embed" && new URLSearchParams(location.search).get("theme");
  const theme = named || JSON.parse(localStorage.getItem("warmboot.settings")).theme;
  if (["light", "dark", "contrast"].includes(theme)) root.dataset.theme = theme;
} catch {}`;

/** By which the policy of the page allows it. */
export const FIRST_PAINT_HASH = `sha256-${createHash("sha256").update(FIRST_PAINT_SCRIPT).digest("base64")}`;
