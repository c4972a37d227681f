/** Makes the state that an image brings along for new machines. Not for programs: for who prepares images. */
import type { BaseState } from "../disk/index.ts";
import { DEVICES, V86_VERSION } from "../machine/index.ts";
import { bootMachine } from "../session/entry.ts";
import type { MachineSession } from "../session/index.ts";
import { nodePlatform } from "./platform.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A machine that has booted, in records that are not packed. */
export interface CapturedBase {
  readonly guard: Pick<BaseState, "v86" | "devices" | "memoryMb">;
  readonly devices: Bytes;
  readonly memory: readonly Bytes[];
  readonly disk: readonly Bytes[];
}

/** Changes with everything but the image that a state depends on. */
export const BASE_VERSION = `${V86_VERSION} ${DEVICES}`;

/**
 * Boots the image's default machine, has `warmUp` do in it what new machines will do first, and copies it.
 * @param image Path of its `image.json`.
 * @throws as `KernelSession.boot`.
 */
export async function captureBase(
  image: string,
  warmUp: (session: MachineSession) => Promise<void>,
): Promise<CapturedBase> {
  await using session = await bootMachine(nodePlatform, { image, coldBoot: true });
  await warmUp(session);
  const { devices, memory, disk } = await session.captureAll();
  const { memoryMb } = session.info;
  const bytes = (records: readonly { readonly bytes: Bytes }[]) => records.map((record) => record.bytes);
  return {
    guard: { v86: V86_VERSION, devices: DEVICES, memoryMb },
    devices: devices.bytes,
    memory: bytes(memory),
    disk: bytes(disk),
  };
}
