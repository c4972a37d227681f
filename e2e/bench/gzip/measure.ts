/** A way to pack, and what it made of samples of one size. */
export interface Packed {
  readonly method: string;
  readonly size: number;
  /** Of one sample, on average. */
  readonly ms: number;
  /** Longest time in which nothing else could run on the thread. */
  readonly blockedMs: number;
  /** Bytes left of 100. */
  readonly percent: number;
}

type Bytes = Uint8Array<ArrayBuffer>;
type Method = readonly [name: string, pack: (bytes: Bytes) => Promise<unknown>];

/** As much of pako as is measured. */
export interface Pako {
  readonly Deflate: new (options: {
    level: 1 | 2 | 3 | 4 | 5 | 6;
    gzip: true;
  }) => {
    push(bytes: Uint8Array, last: boolean): boolean;
    readonly result: unknown;
  };
}

/**
 * Packs samples of each size with each method in turn. WHY all within one function: it runs in a page too, as a text.
 * @param own Methods of this platform; what they give has a length.
 */
export async function measure(
  memory: Bytes,
  sizes: readonly number[],
  { Deflate }: Pako,
  own: readonly Method[],
): Promise<Packed[]> {
  const rounds = 3;
  const pause = () =>
    new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
  const pieces = (bytes: Bytes, size: number) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  const written = async (parts: readonly Bytes[]) => {
    const { writable, readable } = new CompressionStream("gzip");
    const packed = new Response(readable).arrayBuffer();
    const writer = writable.getWriter();
    for (const part of parts) await writer.write(part);
    await writer.close();
    return new Uint8Array(await packed);
  };
  const levels = [1, 2, 3, 4, 5, 6] as const;
  const methods: Method[] = [
    [
      "CompressionStream, from a Blob",
      async (bytes) => {
        const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
        return new Uint8Array(await new Response(packed).arrayBuffer());
      },
    ],
    ["CompressionStream, at once", (bytes) => written([bytes])],
    ["CompressionStream, by 128 KiB", (bytes) => written(pieces(bytes, 131072))],
    ...own,
    ...levels.map(
      (level): Method => [
        `pako ${level}, by 128 KiB`,
        async (bytes) => {
          const deflate = new Deflate({ level, gzip: true });
          const parts = pieces(bytes, 131072);
          for (const [i, part] of parts.entries()) {
            if (i > 0) await pause();
            deflate.push(part, i === parts.length - 1);
          }
          return deflate.result;
        },
      ],
    ),
  ];
  const timed = async (pack: Method[1], sample: Bytes) => {
    let blockedMs = 0;
    let last = performance.now();
    const started = last;
    const look = () => {
      const now = performance.now();
      blockedMs = Math.max(blockedMs, now - last);
      last = now;
    };
    const ticking = setInterval(look, 1);
    const packed = (await pack(sample)) as { readonly length: number };
    const ms = performance.now() - started;
    clearInterval(ticking);
    look();
    return { ms, blockedMs, bytes: packed.length };
  };
  const results: Packed[] = [];
  for (const size of sizes) {
    const count = size < 2 ** 20 ? 16 : size < 2 ** 23 ? 3 : 1;
    const samples = Array.from({ length: count }, (_, i) => {
      const start = Math.floor((i * (memory.length - size)) / count / 4096) * 4096;
      return memory.slice(start, start + size);
    });
    for (const [method, pack] of methods) {
      let sum = { ms: 0, blockedMs: 0, bytes: 0 };
      for (const sample of samples) {
        const runs = [];
        for (let round = 0; round < rounds; round++) runs.push(await timed(pack, sample));
        // WHY the best: what else runs on the computer only adds.
        const ms = Math.min(...runs.map((run) => run.ms));
        const blockedMs = Math.min(...runs.map((run) => run.blockedMs));
        sum = {
          ms: sum.ms + ms,
          blockedMs: Math.max(sum.blockedMs, blockedMs),
          bytes: sum.bytes + (runs[0]?.bytes ?? 0),
        };
      }
      const { ms, blockedMs, bytes } = sum;
      results.push({ method, size, ms: ms / count, blockedMs, percent: (100 * bytes) / (size * count) });
    }
  }
  return results;
}
