export * from "./errors.ts";
export { reviveError, type SerializedError, serializeError } from "./serialized.ts";
