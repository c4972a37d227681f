/** The server of the built site: static files, precompressed where that helps, and the default image. */
import type { RequestListener } from "node:http";
import { join } from "node:path";
import sirv from "sirv";
import { imagesHandler } from "./images.ts";
import type { OtherImages } from "./other-images.ts";
import { contentSecurityPolicy, mayBeFramed, NO_FOREIGN_FRAMES, type RelayRules } from "./policy.ts";
import type { PortRules } from "./port-rules.ts";
import { portsHandler } from "./ports.ts";

export interface SiteOptions {
  /** Folder that `vite build` wrote. */
  readonly siteDirectory: string;
  /** Folder of the prepared default image. */
  readonly imageDirectory: string;
  /** Others that the page offers for new machines. */
  readonly otherImages?: OtherImages;
  /** What the site was built for. */
  readonly relays: RelayRules;
  readonly ports: PortRules;
}

const HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

export function createSite({
  siteDirectory,
  imageDirectory,
  otherImages = {},
  relays,
  ports,
}: SiteOptions): RequestListener {
  const policy = contentSecurityPolicy(relays, ports.origin);
  const images = imagesHandler(imageDirectory, otherImages);
  const portPages = portsHandler(join(siteDirectory, "ports"));
  // WHY dev: sizes are read at each request, so that a site built again is not served cut off.
  const pages = sirv(siteDirectory, {
    dev: true,
    etag: true,
    gzip: true,
    brotli: true,
    setHeaders: (response, path) => {
      const hashed = path.startsWith("/assets/");
      response.setHeader("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  return (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const framed = mayBeFramed(request.url ?? "/");
    response.setHeader("Content-Security-Policy", framed ? policy : `${policy}; ${NO_FOREIGN_FRAMES}`);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { Allow: "GET, HEAD" });
      response.end();
      return;
    }
    portPages(request, response, () => {
      // WHY: what is in that folder is not for the site's own origin.
      if (request.url?.startsWith("/ports/")) response.writeHead(404).end();
      else images(request, response, () => pages(request, response));
    });
  };
}
