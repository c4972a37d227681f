import type { KernelSession, RestoredTerminal } from "warmboot";
import { forgetScreens, type KeptScreen, type KeptScreens, keepScreens, keptScreens } from "../machine/screens.ts";
import type { ShellTerminal } from "./shell-terminal.ts";

/** Brings back what was on the terminals of a machine that is kept, with what had scrolled by. */
export class Screens {
  readonly #name: string | null;
  #forgetting: Promise<void> = Promise.resolve();
  /** Read once for each start of a machine. */
  #kept: Promise<KeptScreens | null> = Promise.resolve(null);
  /** What is shown already, before it is known whether the machine goes on from there. */
  #early: { readonly terminal: ShellTerminal; readonly screen: KeptScreen } | null = null;

  /** `name`: of the machine; `null`: it is not kept, and neither are its screens. */
  constructor(name: string | null) {
    this.#name = name;
  }

  /** Shows the first screen while the machine is still on its way. `shown` is called if there is one. */
  async recallEarly(terminal: ShellTerminal, shown: () => void): Promise<void> {
    this.#early = null;
    const name = this.#name;
    this.#kept = name === null ? Promise.resolve(null) : this.#forgetting.then(() => keptScreens(name));
    const screen = (await this.#kept)?.screens[0];
    if (!screen || terminal.process) return;
    this.#early = { terminal, screen };
    terminal.recall(screen);
    shown();
  }

  /** The screens of the state that a session goes on from; `null`: there are none. */
  async of({ opened: { how, savedAt } }: KernelSession): Promise<KeptScreens | null> {
    const kept = await this.#kept;
    return how === "warm" && kept?.savedAt === savedAt?.getTime() ? kept : null;
  }

  /** Shows what was on the terminal of a process that went on, and takes away what was shown early and is another's. */
  recall(terminal: ShellTerminal, restored: RestoredTerminal | undefined, kept: KeptScreens | null): void {
    const screen = kept?.screens.find(({ pid }) => pid === restored?.pid);
    const early = this.#early?.terminal === terminal ? this.#early.screen : null;
    if (early && early === screen) return;
    if (early) terminal.term.reset();
    if (screen) terminal.recall(screen);
  }

  /** Keeps the screens as they are with the state that was saved now. */
  keep(terminals: readonly ShellTerminal[], savedAt: Date): void {
    const name = this.#name;
    if (name === null) return;
    const screens = terminals.map(({ kept }) => kept).filter((screen) => screen !== null);
    void keepScreens(name, { savedAt: savedAt.getTime(), screens });
  }

  /** The machine is deleted. */
  forget(): void {
    const name = this.#name;
    // What is being read still waits for this.
    if (name !== null) this.#forgetting = forgetScreens(name);
  }
}
