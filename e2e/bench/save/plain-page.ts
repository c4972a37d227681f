/** Runs in a page: the same work in plain v86, its `save_state`, and the whole state packed. */
import { PlainMachine, type PlainMachineConfig } from "../plain/machine.ts";
import { FILES, IDLE_MS, LIGHT, type RunFigures, type SaveFigures } from "./work.ts";

export async function measurePlain(config: PlainMachineConfig): Promise<RunFigures> {
  const machine = await PlainMachine.start(config);
  await machine.prompt();
  const save = async (): Promise<SaveFigures> => {
    const started = performance.now();
    const state = await machine.v86.save_state();
    const pauseMs = performance.now() - started;
    const packing = new Response(state).body?.pipeThrough(new CompressionStream("gzip"));
    const packed = await new Response(packing).arrayBuffer();
    return { pauseMs, totalMs: performance.now() - started, bytes: packed.byteLength };
  };
  let count = 0;
  const after = async (command: string): Promise<SaveFigures> => {
    count++;
    await machine.run(`(${command}); sync; echo done-$((${count}+0))`, new RegExp(`(?:^|\\r)done-${count}\\r`));
    return save();
  };
  await after("echo $((6*7))");
  const light = await after(LIGHT);
  const files = await after(FILES);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return { light, files, idle: await save() };
}
