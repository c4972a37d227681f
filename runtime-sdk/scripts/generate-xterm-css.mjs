// Makes src/element/xterm-css.gen.ts from xterm.js's style sheet, which belongs in a shadow root. `--check` only compares.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = createRequire(import.meta.url).resolve("@xterm/xterm/css/xterm.css");
const target = new URL("../src/element/xterm-css.gen.ts", import.meta.url);

// The licence's comment stays: it has to.
const css = readFileSync(source, "utf8");
const text = `// Generated from @xterm/xterm's css/xterm.css by scripts/generate-xterm-css.mjs: do not edit.

/** The style sheet of xterm.js. */
export const XTERM_CSS = ${JSON.stringify(css)};
`;
if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text) {
  console.error("xterm-css.gen.ts is not the style sheet of the installed xterm.js: run npm run xterm-css -w warmboot");
  process.exit(1);
}
