import { imageCache } from "../src/offline/names.ts";

declare const self: ServiceWorkerGlobalScope;

const MOST_MS = 3000;

const folder = new URL("./", self.location.href).href;
const images = `${folder}images/`;

/**
 * The answer to a request for what a machine starts from; null for any other. The page puts these files into the cache. Chunks of the disk are not
 * among them: the machine keeps those itself.
 */
export function imageAnswer(request: Request): Promise<Response> | null {
  const { url, cache } = request;
  // `reload`: what was kept was damaged.
  if (!url.startsWith(images) || cache === "reload") return null;
  if (url.endsWith("/image.json")) return freshOrKept(request);
  if (/-[0-9a-f]{16}\.(?:bin|json)$/.test(url)) return keptOrFresh(request);
  return null;
}

async function keptOrFresh(request: Request): Promise<Response> {
  return (await find(request.url)) ?? fetch(request);
}

/** The manifest as the site has it now; where that cannot be had, the one whose files are all here. */
async function freshOrKept(request: Request): Promise<Response> {
  const kept = await find(request.url);
  if (!kept) return fetch(request);
  if (!self.navigator.onLine) return kept;
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(MOST_MS) });
    return fresh.status < 500 ? fresh : kept;
  } catch {
    return kept;
  }
}

async function find(url: string): Promise<Response | undefined> {
  try {
    return await caches.match(url, { cacheName: imageCache(folder) });
  } catch {
    return undefined;
  }
}
