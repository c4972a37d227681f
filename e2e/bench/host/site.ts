import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { createSite } from "@warmboot/web/site";
import { progress } from "../progress.ts";
import { repository, siteDirectory } from "./paths.ts";

/** The handler of the built site and the image, the same one that `npm start` uses. The site is built when it is not up to date. */
export async function siteHandler(imageDirectory: string): Promise<RequestListener> {
  if (!isBuilt()) {
    progress("building the site");
    const { status } = spawnSync("npm", ["run", "--silent", "build", "-w", "@warmboot/web"], {
      cwd: repository,
      stdio: ["ignore", 2, 2],
    });
    if (status !== 0) throw new Error("the site could not be built");
  }
  return createSite({
    siteDirectory,
    imageDirectory,
    relays: { relay: null, otherRelays: true },
    ports: { origin: "no", site: "" },
  });
}

function isBuilt(): boolean {
  const page = join(siteDirectory, "index.html");
  if (!existsSync(page)) return false;
  const built = statSync(page).mtimeMs;
  const sources = ["web/index.html", "web/src", "web/public", "runtime-sdk/dist"];
  return sources.every((source) => newest(join(repository, source)) < built);
}

function newest(path: string): number {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
