import { ownManifest } from "../disk/index.ts";
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
import { type Beginning, isRestored, NEW } from "./opening.ts";
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
  let others: string[] = [];
  let lost: unknown = null;
  for (;;) {
    const beginning = await beginnings.next();
    try {
      return await MachineSession.bringUp(platform, { ...options, image }, beginning, saver);
    } catch (error) {
      if (isRestored(beginning) && meansBadState(error)) {
        beginnings.failed(error);
        continue;
      }
      if (mismatch) lost ??= error;
      else if (error instanceof ImageMismatchError) {
        mismatch = error;
        others = ownImages(platform, options.image, beginning);
      }
      if (!mismatch || !meansNoImage(error)) throw error;
      const next = others.shift();
      if (!next) throw lost ? withoutImage(mismatch, lost as Error) : mismatch;
      image = next;
      beginnings.repeat();
    }
  }
}

/**
 * Where the image that a machine was made from may be, when the given one is another: a machine stays on its own. That is where it was, or
 * beside the one that has come in its place.
 */
function ownImages(platform: SessionPlatform, given: BootOptions["image"], { origin, guard }: Beginning): string[] {
  const address = typeof given === "string" || given instanceof URL ? platform.resolveAddress(given) : null;
  const own = origin?.image ?? null;
  const found = new Set(own === null ? [] : [own]);
  for (const known of [address, own]) {
    const name = guard && ownManifest(guard.imageId);
    if (name && known !== null && URL.canParse(name, known)) found.add(new URL(name, known).href);
  }
  if (address !== null) found.delete(address);
  return [...found];
}

/** The given image is another one, and the machine's own is not to be had. */
function withoutImage({ imageName, expected, actual }: ImageMismatchError, lost: Error): ImageMismatchError {
  return new ImageMismatchError(imageName, expected, actual, lost.message, lost);
}

function meansNoImage(error: unknown): boolean {
  return [ImageMismatchError, ArtefactMissingError, ArtefactDamagedError].some((kind) => error instanceof kind);
}

/** The state may be to blame, and not the computer or the network. */
function meansBadState(error: unknown): error is WarmbootError {
  return [BootTimeoutError, EmulatorCrashedError, EmulatorHungError, KernelPanicError, LinkBrokenError].some(
    (kind) => error instanceof kind,
  );
}
