/** Builds the files of the ports' origins: a page, its script, and a worker that has both and the script for the guest's documents in it. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Plugin } from "vite";
import { portRules, portsPolicy } from "./port-rules.ts";
import { portsHost } from "./ports.ts";

const PAGE_SCRIPT = "warmboot-ports-page.js";
const WORKER = "warmboot-ports-worker.js";

/** Puts them into the folder `ports` of the build; an operator serves it at the origins of the ports. */
export function portsFolder(): Plugin {
  let [root, directory] = ["", ""];
  return {
    name: "warmboot-ports",
    apply: "build",
    configResolved: (config) => {
      root = config.root;
      directory = resolve(root, config.build.outDir, "ports");
    },
    writeBundle: async () => {
      const files = await portsFiles(join(root, "ports"));
      mkdirSync(directory, { recursive: true });
      for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
    },
  };
}

/** Serves them in development, at the hosts that are for ports. */
export function servePorts(): Plugin {
  return {
    name: "warmboot-ports-server",
    apply: "serve",
    configureServer: (server) => {
      let files: Promise<Record<string, string>> | null = null;
      server.middlewares.use(async (request, response, next) => {
        if (portsHost(request.headers.host) === null) return next();
        files ??= portsFiles(join(server.config.root, "ports"));
        const name = (request.url ?? "/").slice(1);
        const all = await files;
        const isScript = name === PAGE_SCRIPT || name === WORKER;
        response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html; charset=utf-8");
        response.end(all[isScript ? name : "index.html"]);
      });
    },
  };
}

/** Each file, by its name. */
async function portsFiles(source: string): Promise<Record<string, string>> {
  const { site } = portRules();
  const page = readFileSync(join(source, "page/index.html"), "utf8");
  const pageScript = await bundle(join(source, "page/page.ts"), { WARMBOOT_SITE: site });
  const shim = await bundle(join(source, "page/shim.ts"), {});
  // WHY: it stands in the middle of a document of the guest.
  if (/<\/script|<!--/i.test(shim))
    throw new Error("the script for the guest's documents has the end of a script in it");
  const worker = await bundle(join(source, "worker/worker.ts"), {
    WARMBOOT_SITE: site,
    WARMBOOT_PAGE: page,
    WARMBOOT_PAGE_SCRIPT: pageScript,
    WARMBOOT_SHIM: shim,
    WARMBOOT_SHIM_HASH: `sha256-${createHash("sha256").update(shim).digest("base64")}`,
  });
  const headers = {
    ...(site !== "" && { "Content-Security-Policy": portsPolicy(site) }),
    "Cache-Control": "no-cache",
    "Origin-Agent-Cluster": "?1",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  };
  const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}\n`);
  // The page also where a host has no file of that name: every address of the guest's server is one.
  return {
    "index.html": page,
    "404.html": page,
    [PAGE_SCRIPT]: pageScript,
    [WORKER]: worker,
    _headers: `/*\n${lines.join("")}`,
  };
}

/** A script as one file, with these texts put in. */
async function bundle(input: string, texts: Readonly<Record<string, string>>): Promise<string> {
  const result = await build({
    configFile: false,
    publicDir: false,
    logLevel: "warn",
    define: Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, JSON.stringify(text)])),
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input, output: { format: "iife" } },
    },
  });
  const [first] = [result].flat();
  if (!first || !("output" in first)) throw new Error(`${input} was not built`);
  return first.output[0].code.trim();
}
