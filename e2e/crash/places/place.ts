import type { Calls, Report } from "../beside/messages.ts";

/** A life of the machine, seen from the crash test. */
export interface Life extends Calls {
  /**
   * Kills it with SIGKILL. Resolves when it is gone and everything that it has told was heard.
   * @param everything The whole browser too, where there is one.
   */
  kill(everything: boolean): Promise<void>;
}

/** Where the machine lives, one life after the other: its store stays. */
export interface Place {
  readonly name: string;
  readonly hasBrowser: boolean;
  /** Name of the store for `localStore`. */
  readonly store: string;
  readonly image: string;
  begin(tell: (report: Report) => void): Promise<Life>;
  /** Ends what runs. `keep`: what was stored is left where it is. */
  close(keep: boolean): Promise<void>;
  /** What there is to look at when something was found. */
  readonly folder: string;
}

/** A call of `Calls` by its name, as it goes to another process. */
export type Call = <K extends keyof Calls>(
  name: K,
  values: Parameters<Calls[K]>,
) => Promise<Awaited<ReturnType<Calls[K]>>>;

export function callsThrough(call: Call): Calls {
  return {
    open: (request) => call("open", [request]),
    exec: (command, stdin) => call("exec", [command, stdin]),
    reboot: () => call("reboot", []),
    keepSaving: (sync) => call("keepSaving", [sync]),
    savedDisk: (store) => call("savedDisk", [store]),
    close: () => call("close", []),
  };
}
