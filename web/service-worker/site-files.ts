import { PrecacheController } from "workbox-precaching/PrecacheController.js";
import { pageLock, siteCaches } from "../src/offline/names.ts";

declare const self: ServiceWorkerGlobalScope;

const folder = new URL("./", self.location.href).href;
const assets = `${folder}assets/`;
const ownCache = `${siteCaches(folder)}${SITE_VERSION}`;

// WHY a cache for each version: pages of an earlier one load their panels from it for as long as they are open.
const files = new PrecacheController({ cacheName: ownCache });
files.addToCacheList([...SITE_FILES]);

/** Fetches every file of this version; rejects when one cannot be had. */
export async function installSite(event: ExtendableEvent): Promise<void> {
  await files.install(event);
}

/** The answer to a request for a file of the site, this version's or an earlier one's; null for any other. */
export function siteAnswer(request: Request): Promise<Response> | null {
  const isPage = request.mode === "navigate";
  const key = files.getCacheKeyForURL(isPage ? pageAddress(request.url) : request.url);
  if (key !== undefined) return kept(request, () => caches.match(key, { cacheName: ownCache }));
  // Its name has a hash in it: it is of another version, and the same in each that has it.
  if (request.url.startsWith(assets) && !isPage) return kept(request, () => inAnyVersion(request.url));
  return null;
}

/** What a page's address says besides is for its script. */
function pageAddress(url: string): string {
  const { origin, pathname } = new URL(url);
  const address = `${origin}${pathname}`;
  return address === `${folder}index.html` ? folder : address;
}

async function kept(request: Request, find: () => Promise<Response | undefined>): Promise<Response> {
  return (await find().catch(() => undefined)) ?? fetch(request);
}

async function inAnyVersion(url: string): Promise<Response | undefined> {
  for (const name of await versions()) {
    const found = await caches.match(url, { cacheName: name });
    if (found) return found;
  }
  return undefined;
}

const versions = async () => (await caches.keys()).filter((name) => name.startsWith(siteCaches(folder)));

/** Deletes the files of versions that no open page is of. */
export async function tidy(): Promise<void> {
  // One that comes is filling its cache, or waits with it.
  if (self.registration.installing || self.registration.waiting) return;
  const { held = [] } = await self.navigator.locks.query();
  const scripts = held
    .map(({ name = "" }) => name)
    .filter((name) => name.startsWith(pageLock(folder)))
    .map((name) => name.slice(pageLock("").length));
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  // A page that has only begun holds no lock yet: nobody knows what it needs.
  if (pages.filter(({ url }) => url.startsWith(folder)).length > scripts.length) return;
  for (const name of await versions()) {
    if (name === ownCache) continue;
    const used = await Promise.all(scripts.map((script) => caches.match(script, { cacheName: name })));
    if (!used.some(Boolean)) await caches.delete(name);
  }
}
