import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { renderLicences } from "../src/licences.ts";
import { imageDir, prebuiltDir } from "../src/paths.ts";
import { readPrebuilt } from "../src/prebuilt.ts";

describe("LICENSES.md", () => {
  it("lists every package with the version of its source", async () => {
    const { manifest } = await readPrebuilt(prebuiltDir);
    const text = await readFile(`${imageDir}LICENSES.md`, "utf8");
    for (const { name, version, source, sourceVersion } of [...manifest.sources, ...manifest.packages]) {
      expect(text).toContain(`| ${name} | ${version} | ${source} | ${sourceVersion} |`);
    }
    expect(text).toBe(renderLicences(manifest));
  });

  it("covers what the image cannot be without", async () => {
    const { manifest } = await readPrebuilt(prebuiltDir);
    const sources = new Set([...manifest.sources, ...manifest.packages].map(({ source }) => source));
    for (const source of ["linux", "seabios", "musl", "glibc", "bash", "coreutils", "git", "python3.13"]) {
      expect(sources).toContain(source);
    }
  });
});
