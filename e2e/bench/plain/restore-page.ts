/** The page of the restore benchmark's baseline: fetches a packed state, unpacks it, restores it and runs the first command. */
import type {} from "./boot-page.ts";
import { FIRST_ANSWER, FIRST_COMMAND, PlainMachine, type PlainMachineConfig } from "./machine.ts";

declare const plainMachine: PlainMachineConfig;

const response = await fetch("state.gz");
if (!response.ok || !response.body) throw new Error(`state.gz: HTTP status ${response.status}`);
const state = await new Response(response.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
const machine = await PlainMachine.restore(plainMachine, state);
await machine.run(FIRST_COMMAND, FIRST_ANSWER);
window.firstAnswerMs = performance.now();
