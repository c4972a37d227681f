/** Runs in a page: saves a machine of ours after each kind of work. No autosave, which would take part of the work away. */
import type { KernelSession } from "warmboot";
import { FILES, IDLE_MS, LIGHT, type RunFigures, type SaveFigures } from "./work.ts";

type Library = { readonly KernelSession: { boot(options: object): Promise<KernelSession> } };

/** `library`: address of the built library for pages; `image`: of `image.json`. */
export async function measureOurs(library: string, image: string): Promise<RunFigures> {
  const { KernelSession } = (await import(library)) as Library;
  const session = await KernelSession.boot({ image, machine: "bench" });
  const save = async (): Promise<SaveFigures> => {
    const { pauseMs, totalMs, bytesWritten } = await session.save();
    return { pauseMs, totalMs, bytes: bytesWritten };
  };
  const after = async (command: string): Promise<SaveFigures> => {
    const { exitCode, stderr } = await session.exec(command);
    if (exitCode !== 0) throw new Error(stderr);
    return save();
  };
  await session.openTerminal();
  await after("echo $((6*7))");
  const light = await after(LIGHT);
  const files = await after(FILES);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return { light, files, idle: await save() };
}
