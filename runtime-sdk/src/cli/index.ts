export { main } from "./main.ts";
export { flushOutputs } from "./standard-streams.ts";
