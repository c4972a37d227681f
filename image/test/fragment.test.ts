import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { imageDir, prebuiltDir } from "../src/paths.ts";

async function symbols(path: string): Promise<Map<string, string>> {
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line.startsWith("CONFIG_"));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

describe("the kernel fragment", async () => {
  const fragment = await symbols(`${imageDir}kernel/fragment.config`);
  const config = await symbols(`${prebuiltDir}/kernel.config`);

  it("names every symbol once", async () => {
    const lines = (await readFile(`${imageDir}kernel/fragment.config`, "utf8")).match(/^CONFIG_/gm) ?? [];
    expect(lines.length).toBe(fragment.size);
  });

  it.each([...fragment])("%s=%s is in effect", (symbol, value) => {
    expect(config.get(symbol) ?? "n").toBe(value);
  });
});
