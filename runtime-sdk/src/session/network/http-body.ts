import type { HttpHead, HttpReader } from "./http-reader.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How an answer's body ends (RFC 9112, 6.3). */
export type BodyLength =
  | { readonly kind: "none" }
  | { readonly kind: "fixed"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

const LARGEST_PIECE = 64 * 1024;

/** @throws GuestHttpError */
export function bodyLength(method: string, { status, headers }: HttpHead, reader: HttpReader): BodyLength {
  if (method === "HEAD" || status < 200 || status === 204 || status === 205 || status === 304) return { kind: "none" };
  const coding = headers.get("transfer-encoding");
  if (coding !== null) {
    if (coding.trim().toLowerCase() !== "chunked") throw reader.problem(`a transfer coding ${JSON.stringify(coding)}`);
    return { kind: "chunked" };
  }
  const length = headers.get("content-length");
  if (length === null) return { kind: "close" };
  // The same length said twice is one length.
  const [first = "", ...others] = length.split(",").map((each) => each.trim());
  if (!/^\d{1,15}$/.test(first) || others.some((each) => each !== first))
    throw reader.problem(`a length ${JSON.stringify(length)}`);
  return Number(first) === 0 ? { kind: "none" } : { kind: "fixed", bytes: Number(first) };
}

/** The pieces of a body. @throws GuestHttpError when it ends too early. */
export async function* bodyPieces(length: BodyLength, reader: HttpReader): AsyncGenerator<Bytes, void> {
  if (length.kind === "fixed") yield* exactly(length.bytes, reader);
  if (length.kind === "close") yield* untilEnd(reader);
  if (length.kind !== "chunked") return;
  for (;;) {
    const line = await reader.line();
    // What may follow the size, an extension, means nothing to us.
    const size = /^([0-9A-Fa-f]{1,8})[\t ]*(?:;.*)?$/.exec(line ?? "")?.[1];
    if (size === undefined) throw reader.problem("a chunk without a size");
    const bytes = Number.parseInt(size, 16);
    if (bytes === 0) break;
    yield* exactly(bytes, reader);
    if ((await reader.line()) !== "") throw reader.problem("a chunk that is longer than it says");
  }
  await reader.headers();
}

async function* exactly(count: number, reader: HttpReader): AsyncGenerator<Bytes, void> {
  for (let left = count; left > 0; ) {
    const piece = await reader.take(Math.min(left, LARGEST_PIECE));
    if (!piece) throw reader.problem(`it ends ${left} bytes too early`);
    left -= piece.byteLength;
    yield piece;
  }
}

async function* untilEnd(reader: HttpReader): AsyncGenerator<Bytes, void> {
  for (let piece = await reader.take(LARGEST_PIECE); piece; piece = await reader.take(LARGEST_PIECE)) yield piece;
}
