// Makes src/worker/page-hash.gen.ts from page-hash.wat. `--check` only compares.
import { readFileSync, writeFileSync } from "node:fs";
import wabt from "wabt";

const source = new URL("../src/worker/page-hash.wat", import.meta.url);
const target = new URL("../src/worker/page-hash.gen.ts", import.meta.url);

const { parseWat } = await wabt();
const { buffer } = parseWat("page-hash.wat", readFileSync(source, "utf8")).toBinary({});
const text = `// Generated from page-hash.wat by scripts/generate-page-hash.mjs: do not edit.

/** The WebAssembly module, in base64. */
export const PAGE_HASH_WASM =
  "${Buffer.from(buffer).toString("base64")}";
`;
if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text) {
  console.error("page-hash.gen.ts is not what page-hash.wat gives: run npm run page-hash -w warmboot");
  process.exit(1);
}
