import { InvalidOptionError } from "../../errors/index.ts";
import { checkKeys } from "../options.ts";
import type { FetchInit } from "./options.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A request as it is sent. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  /** A stream can be sent once only. */
  readonly body: Bytes | ReadableStream<Bytes> | null;
  readonly signal: AbortSignal | null;
}

const KEYS = ["method", "headers", "body", "timeoutMs", "signal"];
/** Headers of the connection, which are ours to say. */
const OWN = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "content-length",
  "te",
  "trailer",
  "upgrade",
];

/** @throws InvalidOptionError */
export function httpRequest(port: number, request: Request | URL | string, init: FetchInit): HttpRequest {
  checkKeys(init, KEYS);
  const given = request instanceof Request ? request : null;
  const url = addressOf(given ? given.url : String(request), port);
  const method = (init.method ?? given?.method ?? "GET").toUpperCase();
  if (!/^[!#$%&'*+.^_`|~0-9A-Z-]+$/.test(method) || method === "CONNECT")
    throw new InvalidOptionError("method", `"${method}" is not a method`);
  // WHY a Request: it knows how to make a body of all that a body may be, and what type it is then.
  const made =
    init.body == null ? null : new Request("http://localhost/", { method: "POST", body: init.body, ...HALF });
  const headers = new Headers(init.headers ?? given?.headers);
  for (const name of OWN) headers.delete(name);
  const type = made?.headers.get("content-type");
  if (type && !headers.has("content-type")) headers.set("content-type", type);
  const bytes = init.body instanceof Uint8Array || typeof init.body === "string" ? encode(init.body) : null;
  return {
    method,
    target: url.pathname + url.search,
    headers,
    body: bytes ?? (made ?? given)?.body ?? null,
    signal: init.signal ?? given?.signal ?? null,
  };
}

/** A stream as a body needs it; TypeScript's types do not know it. */
const HALF = { duplex: "half" } as RequestInit;

function addressOf(text: string, port: number): URL {
  try {
    return new URL(text, `http://localhost:${port}/`);
  } catch {
    throw new InvalidOptionError("request", `"${text.slice(0, 100)}" is not an address`);
  }
}

function encode(body: string | Uint8Array): Bytes {
  return typeof body === "string" ? new TextEncoder().encode(body) : body.slice();
}

/** The head of a request (RFC 9112, 3). `upgrade`: the headers that ask for another protocol go along. */
export function requestHead(
  { method, target, headers, body }: HttpRequest,
  port: number,
  upgrade: string | null,
): Bytes {
  const lines = [`${method} ${target} HTTP/1.1`];
  if (!headers.has("host")) lines.push(`host: localhost:${port}`);
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (body instanceof Uint8Array) lines.push(`content-length: ${body.byteLength}`);
  else if (body) lines.push("transfer-encoding: chunked");
  else if (method === "POST" || method === "PUT" || method === "PATCH") lines.push("content-length: 0");
  if (upgrade !== null) lines.push("connection: upgrade", `upgrade: ${upgrade}`);
  const text = `${lines.join("\r\n")}\r\n\r\n`;
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
