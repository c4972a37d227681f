import type { DiskBlocks, PrepareMessage, SavedState, StartMessage } from "../machine/index.ts";
import type { RelaySettings } from "../net/index.ts";
import type { Guard } from "../snapshot/index.ts";
import { referTo } from "./image.ts";
import { type Beginning, isRestored } from "./opening.ts";
import { type BootOptions, DEFAULT_BOOT_TIMEOUT_MS } from "./options.ts";
import type { SessionPlatform } from "./platform.ts";

const MIB = 2 ** 20;
/** A saved machine that has not answered by then does not go on; it is booted instead. */
const RESTORE_TIMEOUT_MS = 30_000;

/** Longest time until a machine answers, in ms. */
export function longestBoot({ timeoutMs = DEFAULT_BOOT_TIMEOUT_MS }: BootOptions, beginning: Beginning): number {
  return isRestored(beginning) ? Math.min(RESTORE_TIMEOUT_MS, timeoutMs) : timeoutMs;
}

/** What a machine's thread can be told before it is known what the machine goes on from. */
export function prepareMessage(
  platform: SessionPlatform,
  { image, memoryMb, diskMb, coldBoot = false, kernelArgs = "", onChunk }: BootOptions,
): PrepareMessage {
  return {
    type: "prepare",
    image: referTo(image, platform),
    wasmUrl: platform.wasmUrl,
    memoryMb: memoryMb ?? null,
    diskMb: diskMb ?? null,
    traceChunks: onChunk !== undefined,
    restores: !coldBoot && kernelArgs === "",
  };
}

/** What a machine's thread is told to start it. */
export function startMessage(
  platform: SessionPlatform,
  { image, memoryMb, diskMb, coldBoot, kernelArgs, onChunk }: BootOptions,
  from: { readonly blocks: DiskBlocks | null; readonly guard: Guard | null; readonly state: SavedState | null },
  relay: RelaySettings | null,
): StartMessage {
  const { blocks, guard, state } = from;
  // A disk of another size than whole MiB is as large as its image.
  const savedDiskMb = guard && guard.diskBytes % MIB === 0 && guard.diskBytes > 0 ? guard.diskBytes / MIB : null;
  return {
    type: "start",
    image: referTo(image, platform),
    wasmUrl: platform.wasmUrl,
    memoryMb: memoryMb ?? guard?.memoryMb ?? null,
    diskMb: diskMb ?? savedDiskMb,
    coldBoot: coldBoot ?? false,
    kernelArgs: kernelArgs ?? "",
    blocks,
    state,
    imageId: guard?.imageId ?? null,
    traceChunks: onChunk !== undefined,
    relay,
  };
}

/** What of it can be handed over instead of being copied: it is of no use here any more. */
export function transferOf({ blocks, state }: StartMessage): ArrayBufferLike[] {
  const records = [...(state?.devices ? [state.devices] : []), ...(state?.memory ?? []), ...(state?.disk ?? [])];
  const parts = blocks ? [blocks.numbers, blocks.bytes] : [];
  return [...records.map(({ bytes }) => bytes), ...parts].map(({ buffer }) => buffer);
}
