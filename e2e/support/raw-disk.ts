/** The default image's disk as one raw file, served by ranges, for pages that boot single files. */
import { closeSync, openSync, readSync } from "node:fs";
import type { BrowserContext } from "@playwright/test";
import { openImage } from "../bench/host/image.ts";

/** Serves the disk at `address`, as any web server that knows ranges would. */
export async function serveRawDisk(context: BrowserContext, address: string): Promise<void> {
  const image = openImage();
  await context.route(address, async (route) => {
    const [first, last] = (/^bytes=(\d+)-(\d+)$/.exec(route.request().headers()["range"] ?? "") ?? [])
      .slice(1)
      .map(Number);
    if (first === undefined || last === undefined) {
      await route.fulfill({ status: 416 });
      return;
    }
    const body = Buffer.alloc(last + 1 - first);
    const file = openSync(image.rawDisk, "r");
    readSync(file, body, 0, body.length, first);
    closeSync(file);
    const range = `bytes ${first}-${last}/${image.manifest.disk.size}`;
    await route.fulfill({ status: 206, body, headers: { "content-range": range } });
  });
}
