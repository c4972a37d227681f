import { computed, signal } from "@preact/signals";
import type { ComponentChild } from "preact";
import {
  type BlockedConnection,
  type BootProgress,
  type KernelSession,
  type NetworkStatus,
  type RestoredTerminal,
  type SaveResult,
  WarmbootError,
} from "warmboot";
import type { Machine, MachineListener, Phase, StartOptions } from "./machine/machine.ts";
import type { KeptScreens } from "./machine/screens.ts";
import { keepStorage } from "./machine/storage.ts";
import { keepOfflineSoon } from "./offline/soon.ts";
import { NEVER_SAVED, PageState } from "./page-state.ts";
import { PanelControl } from "./panels/panel-control.ts";
import { Screens } from "./terminal/screens.ts";
import type { ShellTerminal } from "./terminal/shell-terminal.ts";
import { Terminals } from "./terminal/terminals.ts";
import { BootView } from "./ui/boot-view.tsx";
import { ask } from "./ui/dialog.tsx";
import { FailureView } from "./ui/failure-view.tsx";
import { focusIsFree } from "./ui/focus.ts";
import { ControlKey } from "./ui/key-bar.tsx";
import { describeBlocked } from "./ui/network-text.ts";
import { ClosedView, NoTerminalsView, OffView } from "./ui/notice-view.tsx";
import { focusTab } from "./ui/tab-strip.tsx";
import { waysOut } from "./ways-out.ts";

/** The page with a machine on it: joins the machine to its terminals and to what is said about it. */
export class MachinePage implements MachineListener {
  readonly state = new PageState();
  readonly terminals: Terminals;
  readonly control = new ControlKey();
  /** The panel beside the terminals. */
  readonly panels: PanelControl;
  /** Name under which the machine is kept; `null`: it is gone with the tab. */
  readonly name: string | null;
  /** The terminals of a machine that has failed are looked at. */
  readonly looksAtTerminals = signal(false);
  /** The terminal whose name is being typed. */
  readonly naming = signal<ShellTerminal | null>(null);
  /** The console of an image without an agent is one line: there is no second one. */
  readonly canOpenTerminals = computed(() => this.state.usable.value && !!this.state.session.value?.info.agent);
  readonly #machine: Machine;
  readonly #screens: Screens;
  /** The session that a person has seen the beginning of: it is the same after a reboot. */
  #shown: KernelSession | null = null;

  /** `machine` may have been started already, and have things to tell. `host`: where the terminals go. */
  constructor(machine: Machine, name: string | null, host: HTMLElement) {
    this.terminals = new Terminals(host, {
      changed: () => this.#terminalsChanged(),
      openFailed: (error) =>
        this.state.notify("No shell could be started.", error instanceof Error ? error.message : String(error)),
      leave: () => focusTab(this.terminals.active.value),
      find: (terminal) => {
        this.state.finding.value = terminal;
      },
      ask: (title, text, action) => this.state.notify(title, text, action),
    });
    this.panels = new PanelControl(this.state.panel, () => this.terminals.active.value?.term.focus());
    this.name = name;
    this.#screens = new Screens(name);
    if (name !== null && name !== "default") document.title = `${name} – Warmboot`;
    this.#machine = machine;
  }

  /** Shows the machine, from the beginning. */
  show(): void {
    // First: what happens to terminals from here on is no news of a running machine.
    this.phase("downloading");
    this.#showStart();
    this.#machine.listen(this);
  }

  get session(): KernelSession | null {
    return this.#machine.session;
  }

  /** Starts a machine in the place of the one there is. */
  start(options: StartOptions = {}): void {
    this.phase("downloading");
    if (options.afresh) this.#screens.forget();
    this.#showStart();
    void this.#machine.start(options);
  }

  phase(phase: Phase): void {
    this.state.phase.value = phase;
    this.state.session.value = this.session;
    this.state.cameUp.value = this.#machine.cameUp;
  }

  progress(progress: BootProgress): void {
    this.state.progress.value = progress;
  }

  console(text: string): void {
    this.state.log(text);
  }

  async ready(session: KernelSession): Promise<void> {
    const isNew = this.#shown !== session;
    if (isNew) {
      this.#shown = session;
      this.state.saved.value = { ...NEVER_SAVED, at: session.savedAt?.getTime() ?? null };
      this.#tellHowOpened(session);
    }
    const first = this.terminals.active.value;
    const screens = isNew ? await this.#screens.of(session) : null;
    const [restored, ...others] = inOrderOf(screens, session.terminals);
    if (first) {
      const redraw = this.#screens.recall(first, restored, screens);
      await this.terminals.open(first, session, restored, redraw);
    }
    if (session !== this.session || session.state !== "running") return;
    for (const other of others) {
      const terminal = this.#newOne();
      const redraw = this.#screens.recall(terminal, other, screens);
      void this.terminals.open(terminal, session, other, redraw);
    }
    if (first) this.terminals.select(first);
    this.state.hideCover();
    this.#terminalsChanged();
    if (focusIsFree()) this.terminals.active.value?.term.focus();
    this.#startFiles(session);
    keepOfflineSoon(this);
  }

  #startFiles(session: KernelSession): void {
    import("./files/start.tsx").then(
      ({ startFiles }) => startFiles(this, session),
      (error) => this.state.notify("Files cannot be dropped here.", `A part of the page could not be loaded. ${error}`),
    );
  }

  failed(error: unknown): void {
    const [log, actions] = [this.#machine.kernelLog, waysOut(this, error)];
    this.state.cover.value = {
      reason: "terminals-rest",
      render: () => <FailureView error={error} log={log} actions={actions} />,
    };
  }

  saved(result: SaveResult): void {
    this.state.saved.value = { ...NEVER_SAVED, at: Date.now(), bytes: result.bytesWritten };
    this.#screens.keep(this.terminals.list.value, result);
    void keepStorage();
  }

  saveFailed(error: WarmbootError): void {
    this.state.saved.value = { ...this.state.saved.value, failed: true };
    this.state.notify("The machine could not be saved.", `${error.message}. ${error.hint} It runs on.`);
  }

  savedAnew(): void {
    this.state.notify(
      "What was saved of the machine had been deleted.",
      "The browser, or somebody, has emptied this site's storage. All of the machine was saved again, as it runs now; its snapshots are gone, and so may be other machines.",
    );
  }

  diskError(error: WarmbootError): void {
    const why = navigator.onLine ? "" : " There is no network now, and the settings say what is kept for that.";
    this.state.notify(
      "The machine's disk has a fault.",
      `${error.message}. The guest got an I/O error; the machine goes on.${why}`,
    );
  }

  network(status: NetworkStatus): void {
    this.state.network.value = status;
  }

  networkBlocked(blocked: BlockedConnection): void {
    this.state.block(blocked);
    this.state.notify("A connection was not allowed.", describeBlocked(blocked));
  }

  rebooting(): void {
    this.#showBoot();
  }

  off(): void {
    const start = () => void this.#machine.switchOn();
    this.#cover(() => <OffView isKept={this.name !== null} onStart={start} />);
  }

  closed(): void {
    this.#cover(() => <ClosedView onNew={() => this.startAgain()} />);
  }

  /** After something was pressed that is gone now: who typed goes on typing. */
  readonly typeOn = (): void => {
    if (document.activeElement === document.body) this.terminals.active.value?.term.focus();
  };

  /** The last lines of the kernel's console, also of a machine that has failed. */
  get kernelLog(): readonly string[] {
    return this.#machine.kernelLog;
  }

  #cover(render: () => ComponentChild): void {
    this.state.cover.value = { reason: "terminals-rest", render };
  }

  /** The same for a machine that is kept, which shows what was on its terminals as soon as that is here. */
  #showStart(): void {
    const first = this.#showBoot();
    void this.#screens.recallEarly(first, () => {
      if (["downloading", "starting"].includes(this.state.phase.value)) this.state.hideCover();
    });
  }

  /** A terminal that takes keys for a shell to come, and over it how far the boot is. */
  #showBoot(): ShellTerminal {
    this.state.beginBoot();
    this.looksAtTerminals.value = false;
    this.state.cover.value = {
      reason: "terminals-take-keys",
      render: () => <BootView state={this.state} name={this.name} />,
    };
    this.terminals.closeAll();
    return this.#newOne();
  }

  /** A terminal that takes what is typed and keeps it for the shell. */
  #newOne(): ShellTerminal {
    const terminal = this.terminals.add();
    terminal.input.filter = this.control.filter;
    return terminal;
  }

  #tellHowOpened({ opened: { how, reason = "" }, savedAt }: KernelSession): void {
    if (how === "previous")
      this.state.notify(
        `The machine goes on from an earlier state, of ${savedAt?.toLocaleString()}.`,
        `The last one cannot be used: ${reason}.`,
      );
    if (how === "cold") this.state.notify("The machine was started anew, with its files.", `Why: ${reason}.`);
  }

  /** Saves the machine now; what goes wrong is shown. */
  async save(): Promise<void> {
    const { saved } = this.state;
    if (saved.value.saving || !this.session) return;
    saved.value = { ...saved.value, saving: true };
    try {
      await this.session.save();
    } catch (error) {
      if (!(error instanceof WarmbootError)) throw error;
      this.saveFailed(error);
    } finally {
      saved.value = { ...saved.value, saving: false };
    }
  }

  /** Somebody asked for it, so the focus may go from the button to the terminal. */
  startAgain(options: StartOptions = {}): void {
    this.start(options);
    this.terminals.active.value?.term.focus();
  }

  /** Shows the terminals of a machine that cannot go on. */
  lookAtTerminals(): void {
    this.state.hideCover();
    this.looksAtTerminals.value = true;
    this.terminals.active.value?.term.focus();
  }

  addTerminal(): void {
    const { session } = this;
    if (!session) return;
    const terminal = this.#newOne();
    void this.terminals.open(terminal, session);
    terminal.term.focus();
  }

  #terminalsChanged(): void {
    const { finding } = this.state;
    if (finding.value !== this.terminals.active.value) finding.value = null;
    if (this.state.phase.value !== "running") return;
    if (this.terminals.list.value.length > 0) this.state.hideCover("no-terminals");
    else
      this.state.cover.value = {
        reason: "no-terminals",
        render: () => <NoTerminalsView onOpen={() => this.addTerminal()} />,
      };
  }

  /** A new machine in the place of this one, when the person agrees. */
  async startOver(): Promise<void> {
    const running = ["running", "paused", "off"].includes(this.state.phase.value);
    const kept = this.name !== null;
    const agreed =
      (!running && !kept) ||
      (await ask(this.state, {
        title: kept ? `Delete the machine "${this.name}"?` : "End this machine?",
        text: `Its files and programs are lost${kept ? ", and what was saved of it" : ""}. A new machine starts from the image.`,
        agree: "Start over",
        refuse: "Keep it",
      }));
    if (!agreed) return;
    this.panels.close();
    this.startAgain({ afresh: true });
  }
}

/** The terminals that a machine brought along, in the order in which their tabs were. */
function inOrderOf(kept: KeptScreens | null, terminals: readonly RestoredTerminal[]): readonly RestoredTerminal[] {
  if (!kept) return terminals;
  const at = (pid: number) => {
    const index = kept.screens.findIndex((screen) => screen.pid === pid);
    return index < 0 ? kept.screens.length : index;
  };
  return terminals.toSorted((one, other) => at(one.pid) - at(other.pid));
}
