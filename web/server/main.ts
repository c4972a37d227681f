/** `npm run serve -w @warmboot/web`: serves the built site and the prepared image, and prints the address. */
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type OtherImages, otherImages } from "./other-images.ts";
import { relayRules } from "./policy.ts";
import { portRules } from "./port-rules.ts";
import { createSite } from "./site.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: process.env["PORT"] ?? "8080" },
    host: { type: "string", default: "127.0.0.1" },
    site: { type: "string", default: fileURLToPath(new URL("../site", import.meta.url)) },
    image: { type: "string", default: fileURLToPath(new URL("../../../image/.cache/default", import.meta.url)) },
    also: { type: "string", multiple: true, default: [] },
  },
});
const port = Number(values.port);

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function named(folders: readonly string[]): OtherImages {
  try {
    return otherImages(folders);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

if (!Number.isInteger(port) || port < 0 || port > 65535)
  fail(`--port must be a number from 0 to 65535, not "${values.port}".`);
if (!existsSync(`${values.site}/index.html`))
  fail("The site is not built: run `npm run build -w @warmboot/web` first.");
if (!existsSync(`${values.image}/image.json`)) {
  fail(`There is no image in ${values.image}: run \`npm run setup\` first, or name another with --image.`);
}

const server = createServer(
  createSite({
    siteDirectory: values.site,
    imageDirectory: values.image,
    otherImages: named(values.also),
    relays: relayRules(),
    ports: portRules(),
  }),
);
server.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EADDRINUSE") fail(`Port ${port} is in use: choose another with --port.`);
  fail(`The server could not start: ${error.message}`);
});
server.listen(port, values.host, () => {
  const address = server.address();
  const actual = typeof address === "object" && address ? address.port : port;
  const host = values.host === "127.0.0.1" || values.host === "0.0.0.0" ? "localhost" : values.host;
  console.log(`Warmboot is at http://${host}:${actual}/ (Ctrl-C stops it)`);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
