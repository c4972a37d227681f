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
    "TarError",
    "TimedOutError",
    "WarmbootError",
    "WasmUnavailableError",
  ]);
});
