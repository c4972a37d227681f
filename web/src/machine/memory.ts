import { savedMachines } from "warmboot";
import { settings } from "../settings.ts";
import { isSmallDevice } from "./device.ts";

/** On a computer that has little. Debian with an editor and a compiler fits. */
const SMALL_MB = 128;

/**
 * MiB of memory for a machine of which nobody has said how much it is to have; `null`: what it has, or its image says. `machine`: the name that it is
 * kept under.
 */
export async function usualMemoryMb(machine: string | null): Promise<number | null> {
  const { newMemory } = settings.value;
  const wanted = newMemory === "device" ? (isSmallDevice() ? SMALL_MB : null) : Number(newMemory);
  if (wanted === null || machine === null) return wanted;
  // One that was saved goes on with what it was made with.
  const isSaved = (await savedMachines().list()).some(({ name }) => name === machine);
  return isSaved ? null : wanted;
}
