import { describe, expect, it } from "vitest";
import { hashInputs } from "../src/inputs.ts";
import { prebuiltDir } from "../src/paths.ts";
import { FILE_NAMES, readPrebuilt } from "../src/prebuilt.ts";
import { readRecipe } from "../src/recipe.ts";

const MAX_TOTAL = 40 * 2 ** 20;

describe("the prebuilt image", () => {
  it("is what its manifest lists, byte by byte", async () => {
    await expect(readPrebuilt(prebuiltDir)).resolves.toBeDefined();
  });

  it("was built from the recipe files and agent sources that are here", async () => {
    const { manifest } = await readPrebuilt(prebuiltDir);
    expect(manifest.inputs, 'an input of the image has changed since it was built: run "npm run image"').toBe(
      await hashInputs(),
    );
  });

  it("has the command line and sizes of the recipe", async () => {
    const { manifest } = await readPrebuilt(prebuiltDir);
    const { name, cmdline, memoryMb, chunkSize } = await readRecipe();
    expect(manifest).toMatchObject({ name, cmdline, memoryMb, chunkSize });
  });

  it("has at most 40 MiB", async () => {
    const { manifest } = await readPrebuilt(prebuiltDir);
    const total = FILE_NAMES.reduce((sum, name) => sum + manifest.files[name].size, 0);
    expect(total).toBeLessThanOrEqual(MAX_TOTAL);
  });
});
