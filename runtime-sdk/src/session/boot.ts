import {
  AbortedError,
  ArtefactDamagedError,
  ArtefactMissingError,
  BootTimeoutError,
  EmulatorCrashedError,
  EmulatorHungError,
  ImageMismatchError,
  KernelPanicError,
  LinkBrokenError,
  type WarmbootError,
} from "../errors/index.ts";
import { EarlyThread } from "./early-thread.ts";
import { MachineSession } from "./machine-session.ts";
import { isRestored, NEW } from "./opening.ts";
import { type BootOptions, checkBootOptions } from "./options.ts";
import type { SessionPlatform } from "./platform.ts";
import { Saver } from "./saver.ts";

/** Boots a machine, or opens a saved one: resolves when the agent in it has answered. When it cannot, nothing of it is left behind. */
export async function bootMachine(platform: SessionPlatform, options: BootOptions): Promise<MachineSession> {
  checkBootOptions(options);
  const { signal, machine, store, takeover = false } = options;
  if (signal?.aborted) throw new AbortedError("the boot", signal.reason);
  if (machine === undefined) return MachineSession.bringUp(platform, options, NEW, null);
  const early = new EarlyThread(platform, options);
  let saver: Saver | null = null;
  try {
    saver = await Saver.open(store ?? platform.defaultStore(), machine, platform.holder(), takeover);
    return await openSaved(early.platform, options, saver);
  } catch (error) {
    await saver?.release();
    throw error;
  } finally {
    await early.end();
  }
}

/** Tries the ways to bring a saved machine up, the best first. */
async function openSaved(platform: SessionPlatform, options: BootOptions, saver: Saver): Promise<MachineSession> {
  const wanted = { memoryMb: options.memoryMb ?? null, diskMb: options.diskMb ?? null };
  const beginnings = saver.beginnings(wanted, options.snapshot ?? null);
  if (!beginnings) return MachineSession.bringUp(platform, options, NEW, saver);
  let { image } = options;
  let mismatch: ImageMismatchError | null = null;
  for (;;) {
    const beginning = await beginnings.next();
    try {
      return await MachineSession.bringUp(platform, { ...options, image }, beginning, saver);
    } catch (error) {
      const own = beginning.origin?.image;
      if (error instanceof ImageMismatchError && own && !mismatch) {
        // A machine stays on the image that it was made from, if that can still be had.
        mismatch = error;
        image = own;
        beginnings.repeat();
      } else if (isRestored(beginning) && meansBadState(error)) {
        beginnings.failed(error);
      } else {
        throw mismatch ? withoutImage(mismatch, error) : error;
      }
    }
  }
}

/** The given image is another one, and with the machine's own it did not come up. */
function withoutImage({ imageName, expected, actual }: ImageMismatchError, error: unknown): unknown {
  const isLost = [ImageMismatchError, ArtefactMissingError, ArtefactDamagedError].some((kind) => error instanceof kind);
  return isLost ? new ImageMismatchError(imageName, expected, actual, (error as Error).message, error) : error;
}

/** The state may be to blame, and not the computer or the network. */
function meansBadState(error: unknown): error is WarmbootError {
  return [BootTimeoutError, EmulatorCrashedError, EmulatorHungError, KernelPanicError, LinkBrokenError].some(
    (kind) => error instanceof kind,
  );
}
