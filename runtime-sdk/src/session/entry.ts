/** What the entries need to offer the public API, and which is not part of it. */
export { bootMachine } from "./boot.ts";
export { FirstFailure } from "./first-failure.ts";
export { tryRelayBy } from "./network/index.ts";
export type { MachineThread, SessionPlatform } from "./platform.ts";
