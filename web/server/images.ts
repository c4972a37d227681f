/** Serves a prepared image: the manifest is asked for anew each time, everything else is named by its hash and kept for good. */
import type { IncomingMessage, ServerResponse } from "node:http";
import sirv from "sirv";
import { IMAGE_LIST, IMAGES_PATH, imageList, type OtherImages } from "./other-images.ts";

export const DEFAULT_IMAGE_PATH = "/images/default/";

type Next = () => void;
export type Handler = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

/** The handler of all images of a site. */
export function imagesHandler(defaultImage: string, others: OtherImages): Handler {
  const handlers = [
    imageHandler(DEFAULT_IMAGE_PATH, defaultImage),
    ...Object.entries(others).map(([name, folder]) => imageHandler(`${IMAGES_PATH}${name}/`, folder)),
  ];
  const list = imageList(others);
  return (request, response, next) => {
    if (request.url !== `${IMAGES_PATH}${IMAGE_LIST}`)
      return handlers.reduceRight<Next>((rest, handler) => () => handler(request, response, rest), next)();
    response.writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-cache" });
    response.end(list);
  };
}

/** The handler of `prefix`; other addresses go to `next`. Files are sent as they are, without Content-Encoding. */
export function imageHandler(prefix: string, directory: string): Handler {
  // WHY dev: the directory is read at each request, so that an image prepared again is served without a restart.
  const files = sirv(directory, {
    dev: true,
    etag: true,
    gzip: false,
    brotli: false,
    setHeaders: (response, path) => {
      const hashed = path.endsWith(".bin");
      response.setHeader("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
      if (hashed) response.setHeader("Content-Type", "application/octet-stream");
    },
    onNoMatch: (_request, response) => {
      response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" });
      response.end("Not found: this image has no such file.\n");
    },
  });
  return (request, response, next) => {
    const url = request.url ?? "/";
    if (!url.startsWith(prefix)) return next();
    request.url = url.slice(prefix.length - 1);
    files(request, response);
  };
}
