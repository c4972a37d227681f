import { expect, it } from "vitest";
import { BootTimeoutError, EmulatorCrashedError, EmulatorHungError, type WarmbootError } from "../errors/index.ts";
import { DEVICES, V86_VERSION } from "../machine/index.ts";
import { MemoryStore } from "../snapshot/memory-store.ts";
import { SavedMachine } from "../snapshot/saved-machine.ts";
import { REQUEST, savedIn } from "../snapshot/test-machine.ts";
import { Beginnings } from "./opening.ts";

/** The ways in which a machine that was saved three times is tried when each fails with this. */
async function ways(error: WarmbootError): Promise<string[]> {
  const store = new MemoryStore();
  await savedIn(store, 3, {}, { v86: V86_VERSION, devices: DEVICES });
  const saved = await SavedMachine.open(store, "m", REQUEST);
  const savedAt = new Map(saved.generations.map(({ savedAt, generation }) => [generation, savedAt]));
  expect([...savedAt.keys()]).toEqual([3, 2]);
  const beginnings = new Beginnings(saved, { memoryMb: null, diskMb: null }, null);
  const tried: string[] = [];
  for (let left = 4; left > 0; left--) {
    const { opened, state } = await beginnings.next();
    tried.push(`${opened.how} ${state?.disk.length}`);
    beginnings.failed(error);
  }
  expect(await beginnings.next().catch((thrown) => thrown.code)).toBe("machine-damaged");
  return tried;
}

it("a state that does not run gives way to the one before, then to a boot from the last disk", async () => {
  expect(await ways(new EmulatorCrashedError("made to fail"))).toEqual(["warm 3", "previous 2", "cold 3", "cold 2"]);
});

it.each([new BootTimeoutError(1, "restore", []), new EmulatorHungError(1)])(
  "a state that takes too long (%s) may be whole: what was saved last is booted, and not left for what was saved before",
  async (error) => {
    expect(await ways(error)).toEqual(["warm 3", "cold 3", "previous 2", "cold 2"]);
  },
);
