/**
 * Unpacks one gzip stream that must give exactly `size` bytes. Memory is taken for `size`, never for what the stream claims.
 * @throws RangeError when it gives more or fewer, TypeError (from the platform) when it is not gzip.
 */
export async function gunzipExactly(bytes: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const result = new Uint8Array(size);
  let at = 0;
  for await (const piece of gunzipPieces(bytes)) {
    if (at + piece.byteLength > size) throw new RangeError(`more than ${size} bytes`);
    result.set(piece, at);
    at += piece.byteLength;
  }
  if (at !== size) throw new RangeError(`only ${at} of ${size} bytes`);
  return result;
}

/** Unpacks one gzip stream piece by piece. */
export async function* gunzipPieces(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array> {
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  // WHY not awaited: the write ends only as the pieces are read; its failure shows in the reader too.
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  const reader = stream.readable.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
