// Makes the TypeScript and C constants from wire/link.json and wire/files.json. `--check` only compares.
import { readFileSync, writeFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const constantCase = (name) => name.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();

const link = {
  source: "link.json",
  ts: "src/guest/wire.gen.ts",
  c: "../image/agent/wire.gen.h",
  guard: "WARMBOOT_WIRE_H",
  values: ({ version, port, magic, headerSize, maxFrame, maxPayload }) => ({
    LINK_VERSION: version,
    LINK_PORT: port,
    MAGIC_0: magic[0],
    MAGIC_1: magic[1],
    HEADER_SIZE: headerSize,
    MAX_FRAME: maxFrame,
    MAX_PAYLOAD: maxPayload,
  }),
  groups: {
    FRAME: "frames",
    FLAG: "flags",
    STREAM: "streams",
    SPAWN: "spawnFlags",
    TARGET: "signalTargets",
    EXIT: "exitKinds",
    STAGE: "spawnStages",
    ERR: "errors",
    LIMIT: "limits",
  },
};

const files = {
  source: "files.json",
  ts: "src/guest/files-wire.gen.ts",
  c: "../image/agent/files_wire.gen.h",
  guard: "WARMBOOT_FILES_WIRE_H",
  values: ({ headerSize, statSize }) => ({ FILE_HEADER_SIZE: headerSize, FILE_STAT_SIZE: statSize }),
  groups: {
    FILE_OP: "ops",
    FILE_REPLY: "replyFlags",
    FILE_OPEN: "openFlags",
    FILE_TREE: "treeFlags",
    FILE_LIMIT: "limits",
    FILE_EVENT: "watchEvents",
    PORT_STATE: "portStates",
  },
};

function generate({ source, ts, c, guard, values, groups }) {
  const wire = JSON.parse(readFileSync(new URL(`wire/${source}`, root), "utf8"));
  const head = `Generated from runtime-sdk/wire/${source} by scripts/generate-wire.mjs: do not edit.`;
  const single = Object.entries(values(wire));
  const grouped = Object.entries(groups).map(([name, key]) => [
    name,
    Object.entries(wire[key]).map(([k, v]) => [constantCase(k), v]),
  ]);
  const tsText = [
    `// ${head}`,
    ...single.map(([name, value]) => `export const ${name} = ${value};`),
    ...grouped.map(
      ([name, rows]) => `export const ${name} = {\n${rows.map(([k, v]) => `  ${k}: ${v},`).join("\n")}\n} as const;`,
    ),
    "",
  ].join("\n");
  const cText = [
    `/* ${head} */`,
    `#ifndef ${guard}`,
    `#define ${guard}`,
    ...single.map(([name, value]) => `#define WB_${name} ${value}`),
    ...grouped.flatMap(([name, rows]) => rows.map(([k, v]) => `#define WB_${name}_${k} ${v}`)),
    "#endif",
    "",
  ].join("\n");
  return [
    [ts, tsText],
    [c, cText],
  ];
}

let stale = 0;
for (const [path, text] of [link, files].flatMap(generate)) {
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
