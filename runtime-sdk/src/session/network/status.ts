import type { RelayState } from "../../net/index.ts";
import type { NetworkStatus } from "./options.ts";

/** What a session says of the way to the relay. */
export function statusOf(state: RelayState): NetworkStatus {
  return {
    state: state.state,
    reason: "reason" in state ? state.reason : null,
    code: "code" in state ? state.code : null,
    retryInMs: "retryInMs" in state ? state.retryInMs : null,
  };
}
