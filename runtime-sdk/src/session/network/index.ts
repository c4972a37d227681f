export type { BlockedConnection, ConnectionInfo as NetworkConnection } from "../../net/index.ts";
export type { GuestResponse } from "./guest-response.ts";
export type { GuestSocket } from "./guest-socket.ts";
export type { UpgradedConnection } from "./http-client.ts";
export {
  type CaptureOptions,
  type ConnectOptions,
  checkNetwork,
  type FetchInit,
  type NetworkOptions,
  type NetworkStatus,
  type RelayOptions,
} from "./options.ts";
export { SessionNetwork } from "./session-network.ts";
export { type TryRelayOptions, tryRelayBy } from "./try-relay.ts";
