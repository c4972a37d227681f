import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("the constants made from wire/link.json are up to date in both languages", () => {
  const script = fileURLToPath(new URL("../../scripts/generate-wire.mjs", import.meta.url));
  expect(() => execFileSync(process.execPath, [script, "--check"], { stdio: "pipe" })).not.toThrow();
});
