// Puts the emulator's WebAssembly, and firmware for images that bring none, beside the compiled library, where both entries look.
import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const build = dirname(createRequire(import.meta.url).resolve("v86"));
const assets = fileURLToPath(new URL("../dist/assets/", import.meta.url));
mkdirSync(assets, { recursive: true });
copyFileSync(join(build, "v86.wasm"), join(assets, "v86.wasm"));
const firmware = fileURLToPath(new URL("../../image/prebuilt/", import.meta.url));
for (const file of ["bios.bin", "vgabios-stdvga.bin"]) copyFileSync(join(firmware, file), join(assets, file));
