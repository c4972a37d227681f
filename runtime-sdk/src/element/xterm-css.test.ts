import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("the element's copy of xterm.js's style sheet is that of the installed xterm.js", () => {
  const script = fileURLToPath(new URL("../../scripts/generate-xterm-css.mjs", import.meta.url));
  expect(() => execFileSync(process.execPath, [script, "--check"])).not.toThrow();
});
