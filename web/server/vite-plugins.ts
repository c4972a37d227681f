/** What the site's build and development server need beyond Vite. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { FIRST_PAINT_SCRIPT } from "./first-paint.ts";
import { imagesHandler } from "./images.ts";
import { contentSecurityPolicy, mayBeFramed, NO_FOREIGN_FRAMES, relayRules } from "./policy.ts";
import { portRules } from "./port-rules.ts";

const STYLES = '<link rel="stylesheet"';

/** Serves the prepared image in development, as the server of the built site does. */
export function serveImage(directory: string): Plugin {
  return {
    name: "warmboot-image",
    configureServer: (server) => {
      server.middlewares.use(imagesHandler(directory, {}));
    },
  };
}

/** Says in development, too, which page other sites may show in a frame. */
export function framesInDevelopment(): Plugin {
  return {
    name: "warmboot-frames",
    configureServer: (server) => {
      server.middlewares.use((request, response, next) => {
        if (!mayBeFramed(request.url ?? "/")) response.setHeader("Content-Security-Policy", NO_FOREIGN_FRAMES);
        next();
      });
    },
  };
}

/** Writes the policy into the built page as well, for hosts that cannot set headers. */
export function policyInPage(): Plugin {
  return {
    name: "warmboot-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: {
          "http-equiv": "Content-Security-Policy",
          content: contentSecurityPolicy(relayRules(), portRules().origin),
        },
        injectTo: "head-prepend",
      },
    ],
  };
}

/** Puts the script into the page that its first paint needs. WHY before the styles: it, and all of the page behind it, would wait until those are there. */
export function firstPaint(): Plugin {
  return {
    name: "warmboot-first-paint",
    transformIndexHtml: {
      order: "pre",
      handler: (html, { filename }) => {
        if (!html.includes(STYLES)) throw new Error(`${filename} has no styles`);
        return html.replace(STYLES, () => `<script>${FIRST_PAINT_SCRIPT}</script>\n    ${STYLES}`);
      },
    },
  };
}

/** Tells the page through which relays its machines may reach the network: `WARMBOOT_RELAY`, `WARMBOOT_OTHER_RELAYS`. */
export function relayInPage(): Plugin {
  return {
    name: "warmboot-relay",
    transformIndexHtml: () => {
      const { relay, otherRelays } = relayRules();
      const meta = (name: string, content: string) => ({
        tag: "meta",
        attrs: { name, content },
        injectTo: "head" as const,
      });
      return [
        ...(relay === null ? [] : [meta("warmboot-relay", relay)]),
        ...(otherRelays ? [] : [meta("warmboot-other-relays", "no")]),
      ];
    },
  };
}

/** Tells the page where servers of its machines are shown: `WARMBOOT_PORTS`. */
export function portsInPage(): Plugin {
  return {
    name: "warmboot-ports-origin",
    transformIndexHtml: () => [
      { tag: "meta", attrs: { name: "warmboot-ports", content: portRules().origin }, injectTo: "head" },
    ],
  };
}

/** Has the browser load a file that index.html's script imports later, and what that needs, together with that script. */
export function preloadChunk(name: string): Plugin {
  return {
    name: "warmboot-preload",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle = {}, path, chunk: entry }) => {
        if (path !== "/index.html") return [];
        const chunks = Object.values(bundle).filter((each) => each.type === "chunk");
        const chunk = chunks.find((each) => each.name === name);
        if (!chunk) throw new Error(`there is no chunk ${name} to preload`);
        const files = [chunk.fileName, ...chunk.imports].filter(
          (file) => file !== entry?.fileName && !entry?.imports.includes(file),
        );
        return files.map((file) => ({
          tag: "link",
          attrs: { rel: "modulepreload", href: `./${file}` },
          injectTo: "head",
        }));
      },
    },
  };
}

/** Puts .br and .gz beside every file of the build that gets smaller by it. */
export function precompress(): Plugin {
  let directory = "";
  return {
    name: "warmboot-precompress",
    apply: "build",
    configResolved: ({ root, build }) => {
      directory = resolve(root, build.outDir);
    },
    closeBundle: {
      // WHY in turn: of all files that the build makes.
      sequential: true,
      handler: () => {
        for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile() || !/\.(html|js|css|svg|wasm|webmanifest)$/.test(entry.name)) continue;
          const path = join(entry.parentPath, entry.name);
          const raw = readFileSync(path);
          writeFileSync(`${path}.gz`, gzipSync(raw, { level: 9 }));
          writeFileSync(`${path}.br`, brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
        }
      },
    },
  };
}
