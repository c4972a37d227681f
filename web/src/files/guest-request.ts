/*
 * What `download` and `upload` in the guest ask of the page (image/commands/download), as an operating system command of the terminal:
 * OSC 22338 ; TOKEN ; download ; PATH [; PATH]... ST and OSC 22338 ; TOKEN ; upload ; PATH ST, each PATH from the root on, in base64. The
 * answer is a file in the guest, of which TOKEN (a UUID) is a part of the name. WHY that number: nobody assigns them; this is "WB" in ASCII, and
 * no terminal is known to use it.
 */

export const REQUEST_OSC = 22338;

/** What the page answers: it refuses and says why itself, does it, or asks the person first. */
export const ANSWER = { REFUSED: 0, TAKEN: 1, ASKS: 2 } as const;
export type Answer = (typeof ANSWER)[keyof typeof ANSWER];

/** Where the answer goes. WHY there: root alone can make files in it, so nobody can have put a link to something else. */
export const answerPath = (token: string): string => `/run/warmboot-answer-${token}`;

export interface GuestRequest {
  /** Names the answer. */
  readonly token: string;
  readonly verb: "download" | "upload";
  /** At least one; of an upload, the directory and nothing else. */
  readonly paths: readonly string[];
}

const MOST_LETTERS = 64 * 1024;
const MOST_PATHS = 1000;
const TOKEN = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** The guest's kernel takes no longer ones. */
const MOST_PATH = 4095;

/** Reads a request. Whatever runs in the guest may have written it: `null` for all that is not as it should be. */
export function parseRequest(data: string): GuestRequest | null {
  if (data.length > MOST_LETTERS) return null;
  const [token = "", verb, ...encoded] = data.split(";");
  if (!TOKEN.test(token)) return null;
  if ((verb !== "download" && verb !== "upload") || encoded.length === 0 || encoded.length > MOST_PATHS) return null;
  if (verb === "upload" && encoded.length > 1) return null;
  const paths = encoded.map(decodePath);
  return paths.every((path) => path !== null) ? { token, verb, paths } : null;
}

function decodePath(encoded: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const path = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return path.startsWith("/") && bytes.length <= MOST_PATH && !path.includes("\0") ? path : null;
  } catch {
    return null;
  }
}
