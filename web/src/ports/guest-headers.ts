import { guestOrigin } from "../../ports/shared/address.ts";
import type { GuestRequest } from "../../ports/shared/protocol.ts";

const MOST_HEADERS = 100;
const MOST_HEADER_BYTES = 64 * 1024;
const LONGEST_PATH = 16 * 1024;
/** Of the connection, or said by us. */
const OWN =
  /^(host|connection|keep-alive|transfer-encoding|content-length|upgrade|te|trailer|expect|cookie|origin|referer|accept-encoding|proxy-.*)$/;
/** Of the connection to the guest, and not of the answer. Cookies go another way. */
const NOT_PASSED = /^(connection|keep-alive|transfer-encoding|upgrade|trailer|proxy-.*|set-cookie)$/;

/** What the worker says, checked: it is in the hands of the guest's pages. `null`: it is no request. */
export function readRequest(data: unknown): GuestRequest | null {
  const { method, path, headers, origin, referrer, documentPath } = (data ?? {}) as Record<keyof GuestRequest, unknown>;
  const isText = (text: unknown, most: number): text is string => typeof text === "string" && text.length <= most;
  if (!isText(method, 20) || !isPath(path) || !isPath(documentPath) || !isText(referrer, LONGEST_PATH)) return null;
  if (origin !== null && !isText(origin, 300)) return null;
  if (!Array.isArray(headers) || headers.length > MOST_HEADERS) return null;
  const pairs = headers.map((pair): [string, string] => [String(pair?.[0]).toLowerCase(), String(pair?.[1])]);
  if (pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > MOST_HEADER_BYTES) return null;
  return { method, path, headers: pairs, origin, referrer, documentPath };
}

export const isPath = (path: unknown): path is string =>
  typeof path === "string" && path.startsWith("/") && path.length <= LONGEST_PATH;

/** The headers of a request as the guest's server gets them. @throws TypeError for what cannot be one */
export function guestHeaders({ headers, origin, referrer }: GuestRequest, port: number, cookie: string): Headers {
  const sent = new Headers();
  for (const [name, value] of headers) if (!OWN.test(name)) sent.append(name, value);
  if (!sent.has("user-agent")) sent.set("user-agent", navigator.userAgent);
  if (!sent.has("accept-language")) sent.set("accept-language", navigator.languages.join(", "));
  // WHY: an answer of a worker is not unpacked by the browser.
  sent.set("accept-encoding", "identity");
  sent.set("sec-fetch-site", origin === null || origin === guestOrigin(port) ? "same-origin" : "cross-site");
  if (origin !== null) sent.set("origin", origin);
  if (referrer !== "") sent.set("referer", referrer);
  if (cookie !== "") sent.set("cookie", cookie);
  return sent;
}

/** The headers of an answer as they are passed on. */
export function passedHeaders(headers: Headers): [string, string][] {
  return [...headers].filter(([name]) => !NOT_PASSED.test(name));
}

/** The body, unpacked if the server has packed it all the same; then its headers are wrong, and taken away. */
export function unpacked(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  headers: Headers,
): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  const coding = headers.get("content-encoding")?.trim().toLowerCase();
  const format = coding === "gzip" || coding === "x-gzip" ? "gzip" : coding === "deflate" ? "deflate" : null;
  if (!body || !format) return body;
  headers.delete("content-encoding");
  headers.delete("content-length");
  return body.pipeThrough(new DecompressionStream(format));
}
