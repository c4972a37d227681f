export { Gateway, type GatewayHost, type GuestCard } from "./gateway/gateway.ts";
export {
  type BlockedConnection,
  type ConnectionInfo,
  type FromGateway,
  type RelaySettings,
  SOCKET_WINDOW,
  type ToGateway,
} from "./gateway/messages.ts";
export { RelayAddressProblem, readRelayAddress } from "./relay/relay-address.ts";
export { RelayLink, type RelayState } from "./relay/relay-link.ts";
export { type OpenSocket, openWebSocket, type RelaySocket } from "./relay/socket.ts";
export type { RelayAbilities } from "./relay/wisp-connection.ts";
