import { fileURLToPath } from "node:url";

/** The folder `image/`, from `image/dist/` and from `image/src/` alike. */
export const imageDir = fileURLToPath(new URL("..", import.meta.url));
export const prebuiltDir = `${imageDir}prebuilt`;
export const cacheDir = `${imageDir}.cache`;
export const buildDir = `${imageDir}build`;
