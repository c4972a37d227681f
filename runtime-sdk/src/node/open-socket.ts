import { WebSocket } from "ws";
import type { OpenSocket, RelaySocket } from "../net/index.ts";

/** WHY not Node's own: it has none before version 22, and that one cannot be paused. */
export const openSocket: OpenSocket = (url, protocols, maxBytes) =>
  new WebSocket(url, protocols, {
    perMessageDeflate: false,
    maxPayload: maxBytes,
    followRedirects: false,
    handshakeTimeout: 15_000,
  }) as unknown as RelaySocket;
