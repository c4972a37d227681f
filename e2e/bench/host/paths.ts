/** Where things of the repository are, seen from the compiled benchmarks. */
import { fileURLToPath } from "node:url";

const root = new URL("../../../../", import.meta.url);
const path = (relative: string): string => fileURLToPath(new URL(relative, root));

export const repository = path("./");
export const siteDirectory = path("web/dist/site");
export const siteServer = new URL("web/dist/server/site.js", root).href;
/** The compiled benchmarks: scripts for pages and child processes. */
export const compiled = path("e2e/dist/bench");
export const v86Directory = path("node_modules/v86/build");
export const cacheDirectory = path("e2e/bench/.cache");
/** Folder with the image `default`; WARMBOOT_IMAGES names another. */
export const imagesDirectory = process.env["WARMBOOT_IMAGES"] ?? path("image/.cache");
