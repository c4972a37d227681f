/** What we use of a WebSocket: a browser's, or the package `ws`. */
export interface RelaySocket {
  binaryType: string;
  /** Bytes that were given to `send` and are not on their way. */
  readonly bufferedAmount: number;
  /** The subprotocol that the server chose, or "". */
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  /** Stops reading from the network, and goes on: only `ws` can. */
  pause?(): void;
  resume?(): void;
}

/** Opens a WebSocket. @param maxBytes The largest message that is taken, where that can be said. */
export type OpenSocket = (url: string, protocols: string[], maxBytes: number) => RelaySocket;

/** A browser's own. */
export const openWebSocket: OpenSocket = (url, protocols) => new WebSocket(url, protocols) as RelaySocket;

/** A message's bytes; `null` for text. */
export function bytesOf(data: unknown): Uint8Array | null {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return data instanceof Uint8Array ? data : null;
}
