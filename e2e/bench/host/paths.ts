/** Where things of the repository are. */
import { fileURLToPath } from "node:url";

// WHY by its parts: this file runs compiled, in e2e/dist/bench/host/, and as it is, from Playwright's tests.
const root = new URL(`${import.meta.url.slice(0, import.meta.url.lastIndexOf("/e2e/"))}/`);
const path = (relative: string): string => fileURLToPath(new URL(relative, root));

export const repository = path("./");
export const siteDirectory = path("web/dist/site");
/** The compiled benchmarks: scripts for pages and child processes. */
export const compiled = path("e2e/dist/bench");
/** The relay as a program. */
export const relayMain = path("proxy/dist/main.js");
/** The library as files for pages. */
export const embedDirectory = path("runtime-sdk/dist/embed");
export const v86Directory = path("node_modules/v86/build");
export const cacheDirectory = path("e2e/bench/.cache");
/** Folder with the image `default`; WARMBOOT_IMAGES names another. */
export const imagesDirectory = process.env["WARMBOOT_IMAGES"] ?? path("image/.cache");
