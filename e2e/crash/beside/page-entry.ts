/** A page in which a machine lives. `tellCrashTest` is put there by the crash test. */
import { MachineLife } from "./life.ts";
import type { Calls, Report } from "./messages.ts";

declare global {
  interface Window {
    crashLife?: Calls;
    tellCrashTest?: (report: Report) => Promise<void>;
  }
}

window.crashLife = new MachineLife((report) => void window.tellCrashTest?.(report));
