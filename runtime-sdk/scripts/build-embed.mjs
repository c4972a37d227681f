// Makes dist/embed: the library for a page without a bundler, as files that find each other. The API is the browser entry's, from
// the same compiled files; only the platform differs, which looks for the worker beside the bundle.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const out = path("dist/embed");

const ownPlatform = {
  name: "embed-platform",
  enforce: "pre",
  resolveId: (source, importer) =>
    source === "./platform.js" && importer === path("dist/browser/index.js")
      ? path("dist/browser/embed-platform.js")
      : undefined,
};

/** WHY one build for each file: built together they would share a third one, and a worker is then two requests. */
async function bundle(name, entry, license, external = {}) {
  await build({
    configFile: false,
    root: path("."),
    logLevel: "warn",
    plugins: [ownPlatform],
    build: {
      outDir: out,
      emptyOutDir: false,
      target: "es2022",
      sourcemap: true,
      reportCompressedSize: false,
      license,
      lib: { entry: path(entry), formats: ["es"], fileName: () => `${name}.js` },
      rolldownOptions: {
        external: Object.keys(external),
        output: { paths: external },
        // v86 looks for Node's modules only in Node; that the browser has none of them is no news.
        onLog: (level, log, handle) => {
          if (!/externalized for browser compatibility, imported by ".*v86/.test(log.message)) handle(level, log);
        },
      },
      minify: true,
    },
  });
}

rmSync(out, { recursive: true, force: true });
const licenses = [];
const api = path("dist/browser/index.js");
const files = {
  warmboot: ["dist/browser/index.js"],
  worker: ["dist/worker/browser.js"],
  // WHY not the library once more: an error of the element is of the classes that the page imports.
  element: ["dist/element/index.js", { [api]: "./warmboot.js" }],
};
for (const [name, [entry, external]] of Object.entries(files)) {
  await bundle(name, entry, { fileName: "licenses.md" }, external);
  licenses.push(`# In ${name}.js\n\n${readFileSync(`${out}/licenses.md`, "utf8").replace(/^#/gm, "##")}`);
}
rmSync(`${out}/licenses.md`);
writeFileSync(`${out}/LICENSES.md`, licenses.join("\n"));
cpSync(path("dist/assets"), out, { recursive: true });

const sizes = readdirSync(out)
  .filter((file) => /\.(js|wasm)$/.test(file))
  .map((file) => {
    const bytes = readFileSync(`${out}/${file}`);
    return `${file} ${Math.round(bytes.length / 1024)} KiB (gzip ${Math.round(gzipSync(bytes).length / 1024)})`;
  });
console.log(`embed: ${sizes.join(", ")}`);
