/** Makes the state that plain v86 is restored from: booted to a prompt, one command run; the arguments are the configuration and the file. */
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { FIRST_ANSWER, FIRST_COMMAND, PlainMachine, type PlainMachineConfig } from "./machine.ts";

const [config, file] = JSON.parse(process.argv[2] ?? "") as [PlainMachineConfig, string];
const machine = await PlainMachine.start(config);
await machine.prompt();
await machine.run(FIRST_COMMAND, FIRST_ANSWER);
await machine.run("sync; echo $((40+3))", /(?:^|\r)43\r/);
const state = new Uint8Array(await machine.v86.save_state());
const packed = gzipSync(state, { level: 9 });
writeFileSync(file, packed);
console.log(JSON.stringify({ rawBytes: state.byteLength, bytes: packed.byteLength }));
process.exit(0);
