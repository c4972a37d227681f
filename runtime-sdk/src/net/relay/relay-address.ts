/** Where a relay is. */
export interface RelayAddress {
  /** For the WebSocket, when there is no ticket. */
  readonly socketUrl: string;
  /** Where a ticket is asked for; `null`: the address has all that it needs. */
  readonly ticketUrl: string | null;
}

const SCHEMES: Readonly<Record<string, { readonly socket: string; readonly http: string; readonly isPlain: boolean }>> =
  {
    "wisp:": { socket: "ws:", http: "http:", isPlain: true },
    "ws:": { socket: "ws:", http: "http:", isPlain: true },
    "wisps:": { socket: "wss:", http: "https:", isPlain: false },
    "wss:": { socket: "wss:", http: "https:", isPlain: false },
  };

/** What is wrong with a relay's address, as the end of a sentence. */
export class RelayAddressProblem extends Error {}

/**
 * Reads a relay's address.
 * @param allowPlain Take one without TLS also when it is not on this computer.
 * @throws RelayAddressProblem
 */
export function readRelayAddress(text: string, allowPlain: boolean): RelayAddress {
  const scheme = SCHEMES[/^[a-z]+:/i.exec(text)?.[0].toLowerCase() ?? ""];
  if (!scheme) throw new RelayAddressProblem("must begin with wisps://, wisp://, wss:// or ws://");
  let url: URL;
  try {
    url = new URL(text.replace(/^[a-z]+:/i, scheme.http));
  } catch {
    throw new RelayAddressProblem("is not an address");
  }
  if (url.username || url.password || url.hash)
    throw new RelayAddressProblem("must not have a user, a password or a #");
  if (scheme.isPlain && !allowPlain && !isLoopback(url.hostname))
    throw new RelayAddressProblem("must begin with wisps://: without TLS only a relay on this computer is taken");
  if (!url.pathname.endsWith("/")) throw new RelayAddressProblem("must end with a slash");
  const ticket = url.pathname === "/" ? new URL("/ticket", url).href : null;
  return { socketUrl: scheme.socket + url.href.slice(scheme.http.length), ticketUrl: ticket };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}
