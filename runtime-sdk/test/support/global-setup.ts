import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { startImageServer } from "./image-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Address of the image server, without a slash at its end. */
    imageServer: string;
  }
}

/** Starts the image server that the session tests boot from, in Node and in Chromium alike. `WARMBOOT_IMAGES`: another folder of images. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const images = process.env["WARMBOOT_IMAGES"] ?? fileURLToPath(new URL("../../../image/.cache/", import.meta.url));
  if (!existsSync(join(images, "default/image.json"))) throw new Error("no prepared image: run `npm run setup` first");
  const server = await startImageServer(images);
  project.provide("imageServer", server.url);
  return server.close;
}
