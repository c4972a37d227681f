/*
 * Names of files are bytes in Linux and text here. Bytes that are UTF-8 become that text; each other byte 0x80–0xff becomes the lone
 * surrogate U+DC80–U+DCFF, and back (PEP 383): every name can be listed and used again.
 */

// WHY ignoreBOM: otherwise a name that begins with U+FEFF would lose it.
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8 = new TextEncoder();

const LONE_SURROGATE = /\p{Surrogate}/u;
const NOT_A_BYTE = /[\ud800-\udc7f\udd00-\udfff]/u;

/** False for text with lone surrogates that stand for no byte: nothing in a file system can have that name. */
export function isPathText(text: string): boolean {
  return !NOT_A_BYTE.test(text);
}

export function encodePath(text: string): Uint8Array {
  if (!LONE_SURROGATE.test(text)) return utf8.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else bytes.push(...utf8.encode(character));
  }
  return Uint8Array.from(bytes);
}

/** Length of the UTF-8 sequence that a byte begins. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function decodeStrictly(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

export function decodePath(bytes: Uint8Array): string {
  const whole = decodeStrictly(bytes);
  if (whole !== null) return whole;
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] as number;
    const length = sequenceLength(lead);
    const character = at + length <= bytes.length ? decodeStrictly(bytes.subarray(at, at + length)) : null;
    text += character ?? String.fromCharCode(0xdc00 + lead);
    at += character === null ? 1 : length;
  }
  return text;
}
