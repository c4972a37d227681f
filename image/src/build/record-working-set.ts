import { bootToShell } from "../boot/boot-to-shell.ts";
import type { MachineFiles } from "../boot/machine.ts";
import type { Extent } from "../sparse-disk.ts";

/** Boots the image until a login shell shows its prompt. @returns the blocks that this read, in order of the first read. */
export async function recordWorkingSet(files: MachineFiles): Promise<readonly Extent[]> {
  const { machine, times } = await bootToShell(files);
  console.error(
    `image: prompt after ${times.prompt.ms} ms, ${Math.round(times.prompt.instructions / 1e6)} M instructions`,
  );
  await machine.close();
  return files.disk.firstReads;
}
