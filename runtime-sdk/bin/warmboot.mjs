#!/usr/bin/env node
import { existsSync } from "node:fs";

const entry = new URL("../dist/cli/index.js", import.meta.url);
if (!existsSync(entry)) {
  process.stderr.write("warmboot: this checkout is not built yet: run `npm run setup`\n");
  process.exit(125);
}
const { main, flushOutputs } = await import(entry.href);
const code = await main(process.argv.slice(2));
await flushOutputs();
// Standard input may still be open; the command is over all the same.
process.exit(code);
