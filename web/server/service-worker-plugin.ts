import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { build, type Plugin } from "vite";

/** Makes the service worker, `service-worker.js` at the site's root, which knows every file that the build has made. */
export function serviceWorker(entry: string): Plugin {
  let directory = "";
  return {
    name: "warmboot-service-worker",
    apply: "build",
    configResolved: ({ root, build }) => {
      directory = resolve(root, build.outDir);
    },
    closeBundle: {
      // WHY in turn: it reads what the build has written, and is itself compressed after that.
      sequential: true,
      handler: async () => {
        const files = filesOf(directory);
        await build({
          configFile: false,
          publicDir: false,
          logLevel: "warn",
          define: {
            SITE_FILES: JSON.stringify(files),
            SITE_VERSION: JSON.stringify(hash(JSON.stringify(files))),
            // Workbox tells developers more.
            "process.env.NODE_ENV": '"production"',
          },
          build: {
            outDir: directory,
            emptyOutDir: false,
            copyPublicDir: false,
            target: "es2022",
            modulePreload: false,
            rolldownOptions: { input: entry, output: { format: "iife", entryFileNames: "service-worker.js" } },
          },
        });
      },
    },
  };
}

interface SiteFile {
  readonly url: string;
  readonly revision: string | null;
}

const hash = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

/** Every file of a built site that a page may ask for. */
function filesOf(directory: string): SiteFile[] {
  return (
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(map|br|gz)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path): SiteFile => {
        const name = relative(directory, path).split(sep).join("/");
        if (name.startsWith("assets/")) return { url: name, revision: null };
        // WHY the folder: some hosts send who asks for its index.html there.
        return { url: name === "index.html" ? "./" : name, revision: hash(readFileSync(path)) };
      })
      // What is for the ports' origins is not of the site.
      .filter(({ url }) => url !== "service-worker.js" && !url.startsWith("ports/"))
      .sort((a, b) => (a.url < b.url ? -1 : 1))
  );
}
