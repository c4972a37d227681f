import { expect, it } from "vitest";
import * as warmboot from "warmboot";

it("the public surface is what it was meant to be", () => {
  expect(Object.keys(warmboot).sort()).toEqual([
    "AbortedError",
    "ArtefactDamagedError",
    "ArtefactMissingError",
    "BootTimeoutError",
    "EmulatorCrashedError",
    "EmulatorHungError",
    "InvalidOptionError",
    "KernelPanicError",
    "KernelSession",
    "LinkBrokenError",
    "MachineOffError",
    "MachineRestartedError",
    "NoAgentError",
    "OutOfMemoryError",
    "ProcessEndedError",
    "SessionClosedError",
    "SpawnError",
    "WarmbootError",
    "WasmUnavailableError",
  ]);
});
