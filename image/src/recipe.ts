import { readFile } from "node:fs/promises";
import { imageDir } from "./paths.ts";

/** `recipe.json`: the numbers of an image that are not in a recipe file of their own. */
export interface Recipe {
  readonly name: string;
  /** Kernel command line. */
  readonly cmdline: string;
  readonly memoryMb: number;
  /** Bytes a published chunk of the disk. */
  readonly chunkSize: number;
  /** Seconds since 1970: the time of every file and of the kernel. */
  readonly sourceDateEpoch: number;
  readonly disk: {
    /** As mke2fs takes it. */
    readonly size: string;
    readonly uuid: string;
    readonly hashSeed: string;
    /** Bytes kept free on the disk for the agent's program. */
    readonly agentSize: number;
  };
}

export async function readRecipe(): Promise<Recipe> {
  return JSON.parse(await readFile(`${imageDir}recipe.json`, "utf8")) as Recipe;
}
