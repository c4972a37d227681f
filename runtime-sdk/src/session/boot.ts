import { AbortedError, BootTimeoutError } from "../errors/index.ts";
import { MachineSession } from "./machine-session.ts";
import { type BootOptions, checkBootOptions, DEFAULT_BOOT_TIMEOUT_MS } from "./options.ts";
import type { SessionPlatform } from "./platform.ts";
import { within } from "./within.ts";

/** Boots a machine: resolves when the agent in it has answered. When it cannot, nothing of it is left behind. */
export async function bootMachine(platform: SessionPlatform, options: BootOptions): Promise<MachineSession> {
  checkBootOptions(options);
  const { signal, timeoutMs = DEFAULT_BOOT_TIMEOUT_MS } = options;
  if (signal?.aborted) throw new AbortedError("the boot", signal.reason);
  const session = new MachineSession(platform, options);
  try {
    await within(session.ready, {
      what: "the boot",
      timeoutMs,
      onTimeout: () => new BootTimeoutError(timeoutMs, session.bootStage, session.kernelLog),
      signal,
    });
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}
