/** The page of the boot benchmark's baseline: plain v86 on the main thread, until the first command has answered. */
import { FIRST_ANSWER, FIRST_COMMAND, PlainMachine, type PlainMachineConfig } from "./machine.ts";

declare const plainMachine: PlainMachineConfig;
declare global {
  interface Window {
    /** Ms from the start of the navigation to the answer of the first command. */
    firstAnswerMs?: number;
  }
}

const machine = await PlainMachine.start(plainMachine);
await machine.prompt();
await machine.run(FIRST_COMMAND, FIRST_ANSWER);
window.firstAnswerMs = performance.now();
