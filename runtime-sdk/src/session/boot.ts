import { AbortedError, BootTimeoutError } from "../errors/index.ts";
import { MachineSession } from "./machine-session.ts";
import { type BootOptions, checkBootOptions } from "./options.ts";
import type { SessionPlatform } from "./platform.ts";

const DEFAULT_BOOT_TIMEOUT_MS = 120_000;

/** Boots a machine: resolves when the agent in it has answered. When it cannot, nothing of it is left behind. */
export async function bootMachine(platform: SessionPlatform, options: BootOptions): Promise<MachineSession> {
  checkBootOptions(options);
  const { signal, timeoutMs = DEFAULT_BOOT_TIMEOUT_MS } = options;
  if (signal?.aborted) throw new AbortedError("the boot", signal.reason);
  const session = new MachineSession(platform, options);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort = () => {};
  const given = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new BootTimeoutError(timeoutMs, session.bootStage, session.kernelLog)), timeoutMs);
    onAbort = () => reject(new AbortedError("the boot", signal?.reason));
    signal?.addEventListener("abort", onAbort, { once: true });
  });
  try {
    await Promise.race([session.ready, given]);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
