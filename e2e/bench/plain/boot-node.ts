/** The boot benchmark's baseline in Node; the argument is the configuration. */
const started = performance.now();
const { FIRST_ANSWER, FIRST_COMMAND, PlainMachine } = await import("./machine.ts");
const machine = await PlainMachine.start(JSON.parse(process.argv[2] ?? ""));
await machine.prompt();
await machine.run(FIRST_COMMAND, FIRST_ANSWER);
console.log(performance.now() - started);
process.exit(0);
