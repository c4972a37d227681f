import { BootTimeoutError, EmulatorHungError, MachineDamagedError, type WarmbootError } from "../errors/index.ts";
import { DEVICES, type SavedState, V86_VERSION } from "../machine/index.ts";
import type { Generation, Guard, SavedMachine } from "../snapshot/index.ts";
import type { Machine } from "./machine.ts";
import type { NetworkOptions } from "./network/index.ts";
import type { BootOptions } from "./options.ts";
import type { SessionPlatform } from "./platform.ts";

/** How a machine came up, and why not in a better way. */
export interface Opened {
  /**
   * `new`: it was booted and nothing was saved before. `warm`: it goes on where it was last saved. `previous`: it goes on where it was
   * saved the time before. `cold`: it was booted from its own disk; what ran in it is gone. `fork`: it is a copy of a running one.
   */
  readonly how: "new" | "warm" | "previous" | "cold" | "fork";
  /** Why it is `previous` or `cold`, in a sentence for a person. */
  readonly reason?: string;
  /** When what it goes on from was saved. Not there for `new` and `fork`. */
  readonly savedAt?: Date;
  /** The name that this state is kept under, when the machine was to go back to it. */
  readonly snapshot?: string;
}

/** A way to bring a machine up. */
export interface Beginning {
  readonly opened: Opened;
  /** Null: it boots from the image alone. */
  readonly state: SavedState | null;
  /** What the state can only be used with; null: it is new. */
  readonly guard: Guard | null;
  /** What the machine was started with. */
  readonly origin: Origin | null;
  /** It is new or a copy: it must not be taken for the one that it was made from. */
  readonly isCopy: boolean;
}

/** What a saved machine remembers of how it was started. */
export interface Origin {
  /** Address of the image; null: it was one of the caller's own. */
  readonly image: string | null;
  readonly kernelArgs: string;
}

export const NEW: Beginning = {
  opened: { how: "new" },
  state: null,
  guard: null,
  origin: null,
  isCopy: true,
};
const MIB = 2 ** 20;

/** It goes on from a state, instead of booting. */
export function isRestored({ state }: Beginning): boolean {
  return state?.devices != null;
}

/** The state of a machine that boots. `firstSerial`: number of the first pack that it may make. */
export function nothingSaved(firstSerial: number): SavedState {
  return { devices: null, memory: [], disk: [], firstSerial };
}

export function originOf({ image, kernelArgs = "" }: BootOptions, platform: SessionPlatform): Origin {
  const isAddress = typeof image === "string" || image instanceof URL;
  return { image: isAddress ? platform.resolveAddress(image) : null, kernelArgs };
}

/** What the state of a machine can only be used with. */
export function guardOf({ image: { imageId, memoryMb, diskBytes } }: Machine): Guard {
  return { v86: V86_VERSION, devices: DEVICES, imageId, memoryMb, diskBytes };
}

/** What a fork takes over of how the machine was started. */
export function forkOptions(
  { image, hangTimeoutMs, timeoutMs, kernelArgs }: BootOptions,
  network: NetworkOptions | null,
  signal: AbortSignal | undefined,
): BootOptions {
  return {
    image,
    ...(network && { network }),
    ...(signal && { signal }),
    ...(hangTimeoutMs !== undefined && { hangTimeoutMs }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(kernelArgs !== undefined && { kernelArgs }),
  };
}

/** The beginning of a machine that goes on from where another one is now. */
export async function forkOf(machine: Machine, timeoutMs: number): Promise<Beginning> {
  const { devices, memory, disk } = await machine.capture(true, timeoutMs);
  return {
    opened: { how: "fork" },
    state: { devices, memory, disk, firstSerial: 1 },
    guard: guardOf(machine),
    origin: null,
    isCopy: true,
  };
}

interface Try {
  readonly generation: Generation;
  readonly warm: boolean;
}

/** The ways to bring a saved machine up, the best first. */
export class Beginnings {
  readonly #saved: SavedMachine;
  readonly #snapshot: string | null;
  readonly #wanted: { readonly memoryMb: number | null; readonly diskMb: number | null };
  readonly #reasons: string[];
  readonly #tries: Try[];
  #last: Try | null = null;

  /**
   * `snapshot`: go back to this one, and to no other.
   * @throws SnapshotNotFoundError, MachineDamagedError
   */
  constructor(
    saved: SavedMachine,
    wanted: { readonly memoryMb: number | null; readonly diskMb: number | null },
    snapshot: string | null,
  ) {
    this.#saved = saved;
    this.#wanted = wanted;
    this.#snapshot = snapshot;
    this.#reasons = snapshot === null ? [...saved.problems] : [];
    const generations = snapshot === null ? saved.generations : [saved.snapshot(snapshot)];
    // WHY also a machine that was off before an older one that ran: its files are newer.
    const first = generations.map((generation) => ({ generation, warm: generation.devices !== null }));
    const cold = first.filter(({ warm }) => warm).map(({ generation }) => ({ generation, warm: false }));
    this.#tries = [...first, ...cold];
  }

  /** The next way. Its records are its caller's. @throws MachineDamagedError when there is none left; StoreError */
  async next(): Promise<Beginning> {
    for (let next = this.#tries.shift(); next; next = this.#tries.shift()) {
      const { generation, warm } = next;
      this.#last = next;
      const obstacle = warm ? this.#obstacle(generation.guard) : null;
      if (obstacle) {
        this.#note(obstacle);
        continue;
      }
      const loaded = await this.#saved.load(generation, !warm).catch((error) => {
        if (!(error instanceof RangeError)) throw error;
        this.#note(error.message);
        return null;
      });
      if (!loaded) continue;
      if (!generation.devices) this.#note("it had been shut down");
      this.#saved.use(generation);
      return {
        opened: this.#opened(generation, warm),
        state: { ...loaded, firstSerial: this.#saved.nextSerial },
        guard: generation.guard,
        origin: parseOrigin(generation.origin),
        isCopy: this.#saved.isCopy(generation),
      };
    }
    throw new MachineDamagedError(this.#saved.name, this.#reasons.join("; ") || "it has no generation");
  }

  /** The last way is to be gone again. */
  repeat(): void {
    if (this.#last) this.#tries.unshift(this.#last);
  }

  /**
   * The last way did not lead to a running machine. WHY cold from the same state when it only took too long: the computer may be slow and
   * the state whole, and what was saved last must not give way to what was saved before.
   */
  failed(error: WarmbootError): void {
    this.#note(error.message);
    if (!(error instanceof BootTimeoutError || error instanceof EmulatorHungError)) return;
    const isCold = ({ generation, warm }: Try) => !warm && generation === this.#last?.generation;
    this.#tries.sort((a, b) => Number(isCold(b)) - Number(isCold(a)));
  }

  #note(reason: string): void {
    if (!this.#reasons.includes(reason)) this.#reasons.push(reason);
  }

  #opened(generation: Generation, warm: boolean): Opened {
    const facts = {
      savedAt: new Date(generation.savedAt),
      ...(this.#snapshot !== null && { snapshot: this.#snapshot }),
    };
    const isWanted = this.#snapshot !== null || this.#saved.isNewest(generation);
    if (warm && isWanted) return { how: "warm", ...facts };
    return { how: warm ? "previous" : "cold", reason: this.#reasons.join("; "), ...facts };
  }

  /** Why a state cannot be restored here. */
  #obstacle({ v86, devices, memoryMb, diskBytes }: Guard): string | null {
    if (v86 !== V86_VERSION) return `it was saved with v86 ${v86}, and this is v86 ${V86_VERSION}`;
    if (devices !== DEVICES) return "it was saved by a version of this library with other devices";
    const wanted = this.#wanted;
    if (wanted.memoryMb !== null && wanted.memoryMb !== memoryMb)
      return `it was saved with ${memoryMb} MiB of memory, and ${wanted.memoryMb} MiB are asked for`;
    if (wanted.diskMb !== null && wanted.diskMb * MIB !== diskBytes)
      return `it was saved with a disk of ${diskBytes / MIB} MiB, and ${wanted.diskMb} MiB are asked for`;
    return null;
  }
}

/** Null for a machine that was imported. */
function parseOrigin(text: string): Origin | null {
  if (text === "") return null;
  const { image, kernelArgs } = JSON.parse(text);
  return { image: typeof image === "string" ? image : null, kernelArgs: String(kernelArgs) };
}
