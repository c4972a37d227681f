import { guestOrigin, guestOriginOf } from "../shared/address.ts";
import type { GuestRequest } from "../shared/protocol.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A body up to this is sent with its length, which simple servers need; a longer one as it comes. */
const MOST_COLLECTED = 8 * 1024 * 1024;

/** A request as the guest's server is to see it: as if it were at its own address. */
export function guestRequest(request: Request, path: string, port: number, documentPath: string): GuestRequest {
  const shown = request.referrer === "" || request.referrer === "about:client" ? null : new URL(request.referrer);
  const referrer = shown ? guestOriginOf(shown) + shown.pathname + shown.search : "";
  const headers = [...request.headers];
  headers.push(["sec-fetch-mode", request.mode], ["sec-fetch-dest", request.destination || "empty"]);
  return { method: request.method, path, headers, origin: originOf(request, shown, port), referrer, documentPath };
}

/** RFC 6454, and what browsers do: it is not said of what cannot change anything. */
function originOf({ method, mode }: Request, referrer: URL | null, port: number): string | null {
  const isSafe = method === "GET" || method === "HEAD";
  if (isSafe && (mode === "navigate" || mode === "no-cors" || mode === "same-origin")) return null;
  if (isSafe) return null;
  // A document of another origin can send a form here, and may hide where it comes from.
  if (mode === "navigate") return referrer ? guestOriginOf(referrer) : "null";
  return guestOrigin(port);
}

/** The body, collected if it is short. */
export async function bodyOf(request: Request): Promise<Bytes | ReadableStream<Bytes> | null> {
  if (request.method === "GET" || request.method === "HEAD") return null;
  const { body } = request as { body?: ReadableStream<Bytes> | null };
  if (!body) {
    // Not every browser has it as a stream.
    const whole = new Uint8Array(await request.arrayBuffer());
    return whole.length > 0 ? whole : null;
  }
  const reader = body.getReader();
  const pieces: Bytes[] = [];
  let size = 0;
  while (size <= MOST_COLLECTED) {
    const { value, done } = await reader.read();
    if (done) return size > 0 ? new Uint8Array(await new Blob(pieces).arrayBuffer()) : null;
    pieces.push(value);
    size += value.length;
  }
  return new ReadableStream(
    {
      pull: async (controller) => {
        const next = pieces.shift() ?? (await reader.read()).value;
        if (next) controller.enqueue(next);
        else controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
