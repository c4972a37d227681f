export { type Deferred, deferred } from "./deferred.ts";
export { type AgentInfo, GuestLink } from "./guest-link.ts";
export type { SpawnRequest } from "./payload.ts";
export type { ExitStatus, ProcessChannel } from "./process-channel.ts";
export { SIGNALS, type SignalName } from "./signals.ts";
export { LIMIT, LINK_PORT, MAX_FRAME, TARGET } from "./wire.gen.ts";
