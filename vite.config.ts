import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Rolldown } from "vite";
import { portsFolder, servePorts } from "./web/server/ports-build.ts";
import { serviceWorker } from "./web/server/service-worker-plugin.ts";
import {
  firstPaint,
  framesInDevelopment,
  policyInPage,
  portsInPage,
  precompress,
  preloadChunk,
  relayInPage,
  serveImage,
} from "./web/server/vite-plugins.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** v86 looks for Node's modules only in Node; that the browser has none of them is no news. */
function quietAboutV86(
  level: Rolldown.LogLevel,
  log: Rolldown.RollupLog,
  handle: (level: Rolldown.LogLevel, log: Rolldown.RollupLog) => void,
): void {
  if (!/externalized for browser compatibility, imported by ".*v86/.test(log.message)) handle(level, log);
}

const { version } = JSON.parse(readFileSync(path("web/package.json"), "utf8"));

export default defineConfig({
  root: path("web"),
  // Relative addresses: the built site works in any folder of a host.
  base: "./",
  build: {
    outDir: path("web/dist/site"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    sourcemap: true,
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      input: { index: path("web/index.html"), embed: path("web/embed.html"), port: path("web/port.html") },
      onLog: quietAboutV86,
    },
  },
  define: { WARMBOOT_VERSION: JSON.stringify(process.env["WARMBOOT_VERSION"] ?? version) },
  worker: { format: "es", rolldownOptions: { onLog: quietAboutV86 } },
  // The library finds its worker and v86.wasm beside itself; bundling it beforehand would move it away from them.
  optimizeDeps: { exclude: ["warmboot", "v86"] },
  plugins: [
    serveImage(path("image/.cache/default")),
    framesInDevelopment(),
    policyInPage(),
    relayInPage(),
    portsInPage(),
    portsFolder(),
    servePorts(),
    firstPaint(),
    preloadChunk("machine"),
    serviceWorker(path("web/service-worker/main.ts")),
    precompress(),
  ],
});
