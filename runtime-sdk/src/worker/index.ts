export { runMachine, type SessionPort, type WorkerPlatform } from "./run-machine.ts";
