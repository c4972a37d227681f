// Makes the TypeScript and C constants of the guest link from wire/link.json. `--check` only compares.
import { readFileSync, writeFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const wire = JSON.parse(readFileSync(new URL("wire/link.json", root), "utf8"));
const constantCase = (name) => name.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();
const groups = [
  ["FRAME", "frames"],
  ["FLAG", "flags"],
  ["STREAM", "streams"],
  ["SPAWN", "spawnFlags"],
  ["TARGET", "signalTargets"],
  ["EXIT", "exitKinds"],
  ["STAGE", "spawnStages"],
  ["ERR", "errors"],
  ["LIMIT", "limits"],
];
const head = "Generated from runtime-sdk/wire/link.json by scripts/generate-wire.mjs: do not edit.";

const ts = [
  `// ${head}`,
  `export const LINK_VERSION = ${wire.version};`,
  `export const LINK_PORT = ${wire.port};`,
  `export const MAGIC_0 = ${wire.magic[0]};`,
  `export const MAGIC_1 = ${wire.magic[1]};`,
  `export const HEADER_SIZE = ${wire.headerSize};`,
  `export const MAX_FRAME = ${wire.maxFrame};`,
  `export const MAX_PAYLOAD = ${wire.maxPayload};`,
  ...groups.map(([name, key]) => {
    const rows = Object.entries(wire[key]).map(([k, v]) => `  ${constantCase(k)}: ${v},`);
    return `export const ${name} = {\n${rows.join("\n")}\n} as const;`;
  }),
  "",
].join("\n");

const c = [
  `/* ${head} */`,
  "#ifndef WARMBOOT_WIRE_H",
  "#define WARMBOOT_WIRE_H",
  `#define WB_LINK_VERSION ${wire.version}`,
  `#define WB_LINK_PORT ${wire.port}`,
  `#define WB_MAGIC_0 ${wire.magic[0]}`,
  `#define WB_MAGIC_1 ${wire.magic[1]}`,
  `#define WB_HEADER_SIZE ${wire.headerSize}`,
  `#define WB_MAX_FRAME ${wire.maxFrame}`,
  `#define WB_MAX_PAYLOAD ${wire.maxPayload}`,
  ...groups.flatMap(([name, key]) =>
    Object.entries(wire[key]).map(([k, v]) => `#define WB_${name}_${constantCase(k)} ${v}`),
  ),
  "#endif",
  "",
].join("\n");

const outputs = [
  ["src/guest/wire.gen.ts", ts],
  ["../image/agent/wire.gen.h", c],
];
let stale = 0;
for (const [path, text] of outputs) {
  const url = new URL(path, root);
  if (process.argv.includes("--check")) {
    let now = "";
    try {
      now = readFileSync(url, "utf8");
    } catch {}
    if (now !== text) {
      console.error(`stale: ${path}; run npm run wire -w warmboot`);
      stale = 1;
    }
  } else {
    writeFileSync(url, text);
  }
}
process.exit(stale);
