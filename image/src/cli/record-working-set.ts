import { recordWorkingSet } from "../build/record-working-set.ts";
import { prebuiltDir } from "../paths.ts";

// record-working-set [folder]: boots the prebuilt image and records anew what of the disk a first visit reads.
const [directory = prebuiltDir] = process.argv.slice(2);
try {
  await recordWorkingSet(directory);
} catch (error) {
  console.error(`image: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
