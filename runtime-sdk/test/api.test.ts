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
    "FileError",
    "ImageMismatchError",
    "InvalidOptionError",
    "KernelPanicError",
    "KernelSession",
    "LinkBrokenError",
    "MachineDamagedError",
    "MachineInUseError",
    "MachineNotFoundError",
    "MachineOffError",
    "MachineRestartedError",
    "MachineTakenOverError",
    "NoAgentError",
    "OutOfMemoryError",
    "ProcessEndedError",
    "QuotaError",
    "SessionClosedError",
    "SpawnError",
    "StoreError",
    "TarError",
    "TimedOutError",
    "WarmbootError",
    "WasmUnavailableError",
    "localStore",
    "memoryStore",
    "savedMachines",
  ]);
});
