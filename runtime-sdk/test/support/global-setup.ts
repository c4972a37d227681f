import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { startImageServer } from "./image-server.ts";
import { type NetLab, startNetLab } from "./net-lab.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Address of the image server, without a slash at its end. */
    imageServer: string;
    netLab: NetLab;
  }
}

/** Starts the image server that the session tests boot from, and what they talk to by the network, in Node and in Chromium alike. `WARMBOOT_IMAGES`: another folder of images. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const images = process.env["WARMBOOT_IMAGES"] ?? fileURLToPath(new URL("../../../image/.cache/", import.meta.url));
  if (!existsSync(join(images, "default/image.json"))) throw new Error("no prepared image: run `npm run setup` first");
  const server = await startImageServer(images);
  const { lab, close } = await startNetLab();
  project.provide("imageServer", server.url);
  project.provide("netLab", lab);
  return async () => {
    await close();
    await server.close();
  };
}
