import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import sirv from "sirv";
import { expect, test } from "../support/test.ts";

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const FOLDER = path("../test-results/hosting");

/** What hosts must have asked for anew. */
const UNHASHED = [
  "_headers",
  "embed.html",
  "icon-192.png",
  "icon-512.png",
  "icon-maskable-512.png",
  "icon-maskable.svg",
  "icon-touch.png",
  "icon.svg",
  "images/default/image.json",
  "images/default/images.json",
  "images/index.json",
  "index.html",
  "manifest.webmanifest",
  "port.html",
  "service-worker.js",
];

/** A static host that reads `_headers`, if it is to, and has the site in a folder. */
async function host(prefix: string, readsHeaders: boolean): Promise<Server> {
  const rules = readsHeaders ? readRules(readFileSync(join(FOLDER, "_headers"), "utf8")) : [];
  const files = sirv(FOLDER, { dev: true });
  const server = createServer((request, response) => {
    const url = request.url ?? "/";
    if (!url.startsWith(prefix)) {
      response.writeHead(404).end();
      return;
    }
    request.url = url.slice(prefix.length - 1);
    const name = request.url === "/" ? "/index.html" : request.url;
    for (const { pattern, headers } of rules)
      if (pattern.test(name)) for (const [key, value] of headers) response.setHeader(key, value);
    files(request, response, () => {
      response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** Later rules go over earlier ones; `*` is anything. */
function readRules(text: string): { pattern: RegExp; headers: [string, string][] }[] {
  return text
    .trim()
    .split("\n\n")
    .map((block) => {
      const [address = "", ...lines] = block.split("\n");
      const escaped = address.replace(/[.?+^$()[\]{}|\\]/g, "\\$&").replaceAll("*", ".*");
      const headers = lines.map((line): [string, string] => {
        const at = line.indexOf(":");
        return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
      });
      return { pattern: new RegExp(`^${escaped}$`), headers };
    });
}

test.beforeAll(() => {
  const image = path("../../image/.cache/default");
  const args = ["--site", path("../test-results/site"), "--image", image, "--out", FOLDER];
  execFileSync(process.execPath, [path("../../web/dist/server/assemble.js"), ...args]);
});

for (const [what, prefix, readsHeaders] of [
  ["at the root of a host that reads _headers", "/", true],
  ["in a folder of a host that sends no headers of its own", "/docs/live/", false],
] as const) {
  test(`the site as one folder, ${what}`, async ({ machine, context }) => {
    const server = await host(prefix, readsHeaders);
    const { page } = machine;
    try {
      const response = await page.goto(
        `http://localhost:${(server.address() as AddressInfo).port}${prefix}?engine=kernel`,
      );
      expect(response?.headers()["content-security-policy"] !== undefined).toBe(readsHeaders);
      await machine.prompt();
      await machine.enter("echo $((6*7))");
      await machine.line(/^42$/);
      // From chunks that a first shell does not need.
      expect((await machine.exec("git --version && md5sum /usr/bin/git | wc -w")).stdout).toMatch(
        /^git version .*\n2\n$/,
      );
      await machine.panel("Settings and help");
      // The policy holds in either case; on a page of its own, since none of the others may break it.
      const other = await context.newPage();
      await other.goto(page.url().replace("engine=kernel", "engine=none"));
      const refused = await other.evaluate(
        (longest) =>
          new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
              resolve([effectiveDirective, blockedURI]),
            );
            // Nobody answers there, with a policy or without.
            fetch("http://192.0.2.1/").catch(() => {});
            setTimeout(() => resolve("nothing forbids it"), longest);
          }),
        10_000,
      );
      expect(refused).toEqual(["connect-src", "http://192.0.2.1/"]);
      const ran = await other.evaluate(() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.head.append(script);
        return "ran" in window;
      });
      expect(ran).toBe(false);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}

test("what the first paint needs of scripts, besides v86 and xterm.js, is small", async ({ machine }) => {
  const server = await host("/", true);
  const scripts = new Set<string>();
  const workers = new Set<string>();
  machine.page.on("request", (request) => {
    if (request.url().endsWith(".js")) scripts.add(new URL(request.url()).pathname);
  });
  machine.page.on("worker", (worker) => workers.add(new URL(worker.url()).pathname));
  try {
    await machine.page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    await machine.page.locator(".xterm-screen").waitFor();
  } finally {
    server.closeAllConnections();
    server.close();
  }
  const sizes = [...scripts].map((name) => [name, statSync(join(FOLDER, `${name}.gz`)).size] as const);
  // The machine's worker has v86 in it.
  const others = sizes.filter(([name]) => !workers.has(name) && !/\/xterm-[^/]+$/.test(name));
  expect(sizes.length - others.length).toBe(2);
  const sum = others.reduce((all, [, size]) => all + size, 0);
  console.log(`scripts of the first paint: ${sum} bytes with gzip, in ${others.length} files`);
  expect(sum).toBeGreaterThan(10_000);
  expect(sum).toBeLessThanOrEqual(150_000);
});

test("what is packed beside a file is that file", () => {
  const packed = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(br|gz)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of packed) {
    const unpack = file.endsWith(".br") ? brotliDecompressSync : gunzipSync;
    expect(unpack(readFileSync(file)).equals(readFileSync(file.slice(0, -3))), file).toBe(true);
  }
  const names = packed.map((file) => relative(FOLDER, file));
  for (const name of ["index.html", "service-worker.js"])
    for (const ending of [".br", ".gz"]) expect(names).toContain(`${name}${ending}`);
});

test("no file is larger than hosts take, and what changes has its hash in its name", () => {
  const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files) expect(statSync(join(file.parentPath, file.name)).size).toBeLessThanOrEqual(24 * 2 ** 20);
  const hashed = (file: string) => /^assets\/.+-[\w-]{8}\.\w+$|^images\/.*[0-9a-f]{16,}/.test(file);
  const unhashed = files
    .map(({ parentPath, name }) => relative(FOLDER, join(parentPath, name)))
    .filter((file) => !hashed(file) && !/\.(br|gz|map)$/.test(file))
    .sort();
  expect(unhashed).toEqual(UNHASHED);
});
