export * from "./errors.ts";
export * from "./network.ts";
export * from "./saving.ts";
export { reviveError, type SerializedError, serializeError } from "./serialized.ts";
