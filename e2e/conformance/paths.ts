/** Where things of the repository are, seen from the sources and from what is compiled of them. */
import { fileURLToPath } from "node:url";

const root = new URL(import.meta.url.includes("/e2e/dist/") ? "../../../" : "../../", import.meta.url);

export const path = (relative: string): string => fileURLToPath(new URL(relative, root));

export const repository = path("./");
/** Shell checks: `<domain>.checks`. */
export const shellCheckDirectory = path("e2e/conformance/checks/");
/** Checks of system calls: `<domain>.c`. */
export const programDirectory = path("e2e/conformance/programs/");
export const cacheDirectory = path("e2e/.cache/conformance/");
export const reportFile = path("docs/linux-conformance.md");
export const explanationsFile = path("e2e/conformance/explained.json");
/** The default image; WARMBOOT_IMAGES names another folder of images. */
export const imageFile = `${process.env["WARMBOOT_IMAGES"] ?? path("image/.cache")}/default/image.json`;
