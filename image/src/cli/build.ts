import { assemble } from "../build/assemble.ts";
import { buildImage } from "../build/build-image.ts";
import { requireTools } from "../build/tools.ts";
import { hashInputs } from "../inputs.ts";
import { readRecipe } from "../recipe.ts";

// build: makes prebuilt/ and LICENSES.md from Debian's sources and packages.
try {
  await requireTools();
  const recipe = await readRecipe();
  const inputs = await hashInputs();
  await buildImage(recipe);
  await assemble(recipe, inputs);
  if ((await hashInputs()) !== inputs)
    throw new Error("an input changed while the image was being built: run this again");
  process.exit(0);
} catch (error) {
  console.error(`image: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
