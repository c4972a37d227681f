import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Refusal } from "../errors.ts";

/** Headers of every answer: nothing here is a page. */
const COMMON = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'",
  "X-Content-Type-Options": "nosniff",
} as const;

export function reply(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = `${JSON.stringify(body)}\n`;
  // WHY: a body that nobody reads would be taken for the next request.
  const hasBody =
    request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
  response.writeHead(status, {
    ...COMMON,
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    ...(hasBody && { Connection: "close" }),
    ...headers,
  });
  response.end(text);
}

/** What a refusal is to the client. */
export const refusalBody = ({ code, message }: Refusal) => ({ code, message });

export const retryAfter = ({ retryAfterSeconds }: Refusal): Record<string, string> =>
  retryAfterSeconds === null ? {} : { "Retry-After": String(retryAfterSeconds) };

/** Answers an upgrade that is refused. */
export function replyToUpgrade(socket: Duplex, refusal: Refusal): void {
  const body = `${JSON.stringify(refusalBody(refusal))}\n`;
  const headers = {
    ...COMMON,
    Connection: "close",
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(body)),
    ...retryAfter(refusal),
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${head.join("")}\r\n${body}`, () =>
    socket.destroy(),
  );
}
