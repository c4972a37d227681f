/** What a relay says when it is asked for a ticket. */
export type TicketAnswer =
  /** Where to connect. */
  | { readonly kind: "ticket"; readonly socketUrl: string }
  /** It knows no tickets: it is another WISP server, or cannot be asked. */
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly code: string; readonly reason: string; readonly retryAfterMs: number | null };

const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_PATH = 4096;
const MAX_TEXT = 300;
const MAX_RETRY_AFTER_S = 3600;

/** Asks for a ticket. Rejects when `signal` fires. */
export async function fetchTicket(
  ticketUrl: string,
  socketUrl: string,
  token: string | null,
  signal: AbortSignal,
): Promise<TicketAnswer> {
  let response: Response;
  try {
    response = await fetch(ticketUrl, {
      method: "POST",
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      credentials: "omit",
      cache: "no-store",
      // WHY: the token is for this host and no other.
      redirect: "error",
      signal,
    });
  } catch {
    signal.throwIfAborted();
    // A browser does not say whether there was no answer or one that this page may not read.
    return { kind: "none" };
  }
  const answer = await readJson(response);
  if (answer === null) return { kind: "none" };
  if (response.ok) {
    const url = typeof answer["path"] === "string" ? urlOf(answer["path"], socketUrl) : null;
    return url === null
      ? refusal("bad-ticket", "the relay's ticket makes no sense", null)
      : { kind: "ticket", socketUrl: url };
  }
  const { code, message } = answer;
  if (typeof code !== "string" || !/^[a-z][a-z0-9-]{0,60}$/.test(code)) return { kind: "none" };
  const reason = typeof message === "string" ? message.slice(0, MAX_TEXT) : code;
  return refusal(code, reason, retryAfter(response));
}

function refusal(code: string, reason: string, retryAfterMs: number | null): TicketAnswer {
  return { kind: "refused", code, reason, retryAfterMs };
}

/** The address of a path on the relay; `null` when it leads elsewhere. */
function urlOf(path: string, socketUrl: string): string | null {
  if (path.length > MAX_PATH || !/^\/[\x21-\x7e]*\/$/.test(path) || path.startsWith("//")) return null;
  const base = new URL(socketUrl);
  const url = new URL(path, base);
  return url.host === base.host && url.protocol === base.protocol ? url.href : null;
}

/** An object; `null` for anything else, and for what is too long. */
async function readJson(response: Response): Promise<Record<string, unknown> | null> {
  if (!/^application\/json\b/i.test(response.headers.get("content-type") ?? "")) {
    await response.body?.cancel();
    return null;
  }
  let text = "";
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (!piece?.value) break;
    text += decoder.decode(piece.value, { stream: true });
    if (text.length > MAX_ANSWER_BYTES) {
      await reader?.cancel();
      return null;
    }
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? "");
  return Number.isInteger(seconds) && seconds > 0 ? Math.min(seconds, MAX_RETRY_AFTER_S) * 1000 : null;
}
