/** Puts a script before everything else of an HTML document, while the document is still coming. */

type Bytes = Uint8Array<ArrayBuffer>;

/** A document says in its first bytes what it is; what has not come to the point by then gets the script where it is. */
const MOST_START = 4096;
/** Byte order mark, spaces, comments and the document type, which must stay before any element. */
const BEFORE_ELEMENTS = /^(?:\xef\xbb\xbf)?(?:\s|<!--[\s\S]*?-->)*(?:<!doctype[^>]*>)?/i;
/** What may become more of the same when more of it is there. */
const UNDECIDED = /^(?:<|<!|<!-|<!--[\s\S]*|<!d[^>]*)?$/i;
const UTF16 = /^(?:\xfe\xff|\xff\xfe)/;

/** Where in the document the script goes, by its first bytes; `null`: more of them are needed. `-1`: nowhere. */
export function insertionPoint(start: string, isAll: boolean): number | null {
  if (UTF16.test(start)) return -1;
  const at = BEFORE_ELEMENTS.exec(start)?.[0].length ?? 0;
  return !isAll && start.length < MOST_START && UNDECIDED.test(start.slice(at)) ? null : at;
}

/**
 * The type with the encoding that the document names in its first bytes. WHY: browsers look for it in the first 1024 bytes only, and the script would be there.
 */
export function withCharset(type: string, start: string): string {
  if (/;\s*charset=/i.test(type)) return type;
  const charset = /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i.exec(start.slice(0, 1024))?.[1];
  return charset === undefined ? type : `${type}; charset=${charset}`;
}

/** The document with the script in it, and its type. Resolves when the first bytes are there. */
export async function withScript(
  body: ReadableStream<Bytes>,
  type: string,
  script: string,
): Promise<{ readonly body: ReadableStream<Bytes>; readonly type: string }> {
  const reader = body.getReader();
  const pieces: Bytes[] = [];
  let start = "";
  let at: number | null = null;
  while (at === null) {
    const { value, done } = await reader.read();
    if (value) {
      pieces.push(value);
      start += latin1(value.subarray(0, MOST_START));
    }
    at = insertionPoint(start, done);
  }
  const first = new Uint8Array(await new Blob(pieces).arrayBuffer());
  const early =
    at < 0
      ? [first]
      : [first.slice(0, at), new TextEncoder().encode(script), first.slice(at)].filter(({ length }) => length);
  const whole = new ReadableStream<Bytes>(
    {
      pull: async (controller) => {
        const next = early.shift() ?? (await reader.read()).value;
        if (next) controller.enqueue(next);
        else controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return { body: whole, type: withCharset(type, start) };
}

function latin1(bytes: Bytes): string {
  return String.fromCharCode(...bytes);
}
