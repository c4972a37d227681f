import {
  type BlockedConnection,
  type BootProgress,
  type KernelSession,
  type NetworkStatus,
  type SaveResult,
  savedMachines,
  WarmbootError,
} from "warmboot";
import type { Machine, MachineListener, Phase, StartOptions } from "./machine/machine.ts";
import { describeStorage, keepStorage } from "./machine/storage.ts";
import { Screens } from "./terminal/screens.ts";
import type { ShellTerminal } from "./terminal/shell-terminal.ts";
import { Terminals } from "./terminal/terminals.ts";
import { BootView } from "./ui/boot-view.ts";
import { confirmLoss } from "./ui/confirm.ts";
import { downloadFile } from "./ui/download.ts";
import { button, byId, element } from "./ui/element.ts";
import { type FailureAction, failureView } from "./ui/failure-view.ts";
import { focusIsFree } from "./ui/focus.ts";
import { HelpDialog } from "./ui/help-dialog.ts";
import { KeyBar } from "./ui/key-bar.ts";
import { describeBlocked, NetworkText } from "./ui/network-text.ts";
import { noTerminalsView, noticeView } from "./ui/notice-view.ts";
import { Overlay } from "./ui/overlay.ts";
import { SaveButton } from "./ui/save-button.ts";
import { StatusText } from "./ui/status.ts";
import { TabList } from "./ui/tab-list.ts";
import { Toasts } from "./ui/toasts.ts";

/** The page with a machine on it: joins the machine to its terminals and to what is said about it. */
export class MachinePage implements MachineListener {
  readonly terminals: Terminals;
  readonly #machine: Machine;
  readonly #overlay = new Overlay(byId("overlay", HTMLElement), byId("panels", HTMLElement));
  readonly #status = new StatusText(byId("status", HTMLElement));
  readonly #network = new NetworkText(byId("network", HTMLElement));
  readonly #toasts = new Toasts(byId("toasts", HTMLElement));
  readonly #newTerminal = byId("new-terminal", HTMLButtonElement);
  readonly #tabs: TabList;
  readonly #keys: KeyBar;
  readonly #save = new SaveButton(
    byId("save", HTMLButtonElement),
    () => this.#saveNow(),
    () => this.terminals.active?.term.focus(),
  );
  readonly #screens: Screens;
  /** Name under which the machine is kept. */
  readonly #name: string | null;
  #boot: BootView;
  #phase: Phase = "downloading";
  /** The session that a person has seen the beginning of: it is the same after a reboot. */
  #shown: KernelSession | null = null;

  /** `machine` may have been started already, and have things to tell. */
  constructor(machine: Machine, name: string | null) {
    this.terminals = new Terminals(byId("panels", HTMLElement), {
      changed: () => this.#terminalsChanged(),
      openFailed: (error) =>
        this.#toasts.show("No shell could be started.", error instanceof Error ? error.message : String(error)),
      leave: () => this.#tabs.focus(),
    });
    this.#tabs = new TabList(byId("tabs", HTMLElement), this.terminals);
    this.#keys = new KeyBar(byId("key-bar", HTMLElement), () => this.terminals.active);
    this.#name = name;
    this.#screens = new Screens(name);
    this.#boot = new BootView(this.#name);
    byId("note", HTMLElement).hidden = this.#name !== null;
    if (this.#name !== null && this.#name !== "default") document.title = `${this.#name} – Warmboot`;
    this.#machine = machine;
    const help = new HelpDialog(
      byId("help", HTMLDialogElement),
      () => this.#machine.kernelLog,
      () => describeStorage(this.#name),
    );
    // Not before: what is pressed while the page's script is on its way would be lost.
    for (const [id, press] of [
      ["open-help", () => help.open()],
      ["new-machine", () => void this.#replaceMachine()],
    ] as const) {
      const pressed = byId(id, HTMLButtonElement);
      pressed.addEventListener("click", press);
      pressed.disabled = false;
    }
    this.#newTerminal.addEventListener("click", () => this.#addTerminal());
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
    this.#phase = phase;
    this.#status.show(phase);
    const usable = phase === "running" || phase === "paused";
    this.#network.usable = usable;
    // The console of an image without an agent is one line: there is no second one.
    this.#newTerminal.hidden = !usable || !this.session?.info.agent;
    this.#tabs.hidden = !usable;
    this.#save.usable = (usable || phase === "off") && this.#name !== null;
  }

  progress(progress: BootProgress): void {
    this.#boot.progress(progress);
  }

  console(text: string): void {
    this.#boot.log(text);
  }

  async ready(session: KernelSession): Promise<void> {
    const isNew = this.#shown !== session;
    if (isNew) {
      this.#shown = session;
      this.#save.begin(session.savedAt);
      this.#tellHowOpened(session);
    }
    const [restored, ...others] = session.terminals;
    const first = this.terminals.active;
    const screens = isNew ? await this.#screens.of(session) : null;
    if (first) {
      this.#screens.recall(first, restored, screens);
      await this.terminals.open(first, session, restored);
    }
    if (session !== this.session || session.state !== "running") return;
    for (const other of others) {
      const terminal = this.#newOne();
      this.#screens.recall(terminal, other, screens);
      void this.terminals.open(terminal, session, other);
    }
    if (first) this.terminals.select(first);
    this.#overlay.hide();
    this.#terminalsChanged();
    if (focusIsFree()) this.terminals.active?.term.focus();
  }

  failed(error: unknown): void {
    const page = failureView(error, this.#machine.kernelLog, this.#waysOut(error));
    const takeFocus = focusIsFree();
    this.#overlay.show(page, "terminals-rest");
    // Not on the button: a key that was meant for the terminal must not press it.
    if (takeFocus) page.querySelector("h2")?.focus();
  }

  saved({ bytesWritten, savedAt }: SaveResult): void {
    this.#save.saved(bytesWritten);
    this.#screens.keep(this.terminals.list, savedAt);
    void keepStorage();
  }

  saveFailed(error: WarmbootError): void {
    this.#save.failed();
    this.#toasts.show("The machine could not be saved.", `${error.message}. ${error.hint} It runs on.`);
  }

  diskError(error: WarmbootError): void {
    this.#toasts.show(
      "The machine's disk has a fault.",
      `${error.message}. The guest got an I/O error; the machine goes on.`,
    );
  }

  network(status: NetworkStatus): void {
    this.#network.show(status);
  }

  networkBlocked(blocked: BlockedConnection): void {
    this.#toasts.show("A connection was not allowed.", describeBlocked(blocked));
  }

  rebooting(): void {
    this.#showBoot();
  }

  off(): void {
    const start = button("Start it again", "primary", () => void this.#machine.switchOn());
    this.#overlay.show(
      noticeView("The machine is off", [
        element("p", {
          text: `It was shut down from within. Its files are kept${this.#name === null ? " as long as this tab is open" : ""}.`,
        }),
        element("div", { class: "actions", children: [start] }),
      ]),
      "terminals-rest",
    );
    if (focusIsFree()) start.focus();
  }

  closed(): void {
    const again = button("New machine", "primary", () => this.#startAgain());
    this.#overlay.show(noticeView("The machine is closed", [again]), "terminals-rest");
  }

  /** The same for a machine that is kept, which shows what was on its terminals as soon as that is here. */
  #showStart(): void {
    const first = this.#showBoot();
    void this.#screens.recallEarly(first, () => {
      if (this.#phase === "downloading" || this.#phase === "starting") this.#overlay.hide();
    });
  }

  /** A terminal that takes keys for a shell to come, and over it how far the boot is. */
  #showBoot(): ShellTerminal {
    this.#toasts.clear();
    this.#boot = new BootView(this.#name);
    this.#overlay.show(this.#boot.element, "terminals-take-keys");
    this.terminals.closeAll();
    return this.#newOne();
  }

  /** A terminal that takes what is typed and keeps it for the shell. */
  #newOne(): ShellTerminal {
    const terminal = this.terminals.add();
    terminal.input.filter = this.#keys.filter;
    return terminal;
  }

  /** What a person can do about a machine that could not start, or cannot go on. */
  #waysOut(error: unknown): FailureAction[] {
    const code = error instanceof WarmbootError ? error.code : null;
    const takeover = code === "machine-in-use" || code === "machine-taken-over";
    const ways: FailureAction[] = [
      takeover
        ? { label: "Use it here", run: () => this.#startAgain({ takeover: true }) }
        : { label: "Try again", run: () => this.#startAgain() },
    ];
    if (code === "store-failed") ways.push({ label: "Go on without keeping it", run: () => openWith("keep", "no") });
    if (this.#name !== null && (code === "image-mismatch" || code === "machine-damaged"))
      ways.push({ label: "Export the machine", run: () => void this.#export(this.#name ?? "") });
    // Not when it never answered: there is nothing to read.
    if (this.session) ways.push({ label: "Look at the terminals", run: () => this.#lookAtTerminals() });
    return ways;
  }

  #tellHowOpened({ opened: { how, reason = "" }, savedAt }: KernelSession): void {
    if (how === "previous")
      this.#toasts.show(
        `The machine goes on from an earlier state, of ${savedAt?.toLocaleString()}.`,
        `The last one cannot be used: ${reason}.`,
      );
    if (how === "cold") this.#toasts.show("The machine was started anew, with its files.", `Why: ${reason}.`);
  }

  async #saveNow(): Promise<void> {
    await this.session?.save().catch((error) => {
      if (error instanceof WarmbootError) this.saveFailed(error);
      throw error;
    });
  }

  /** Gives a machine that is kept as a file. */
  async #export(name: string): Promise<void> {
    try {
      downloadFile(`${name}.warmboot`, await new Response(await savedMachines().export(name)).blob());
    } catch (error) {
      if (!(error instanceof WarmbootError)) throw error;
      this.#toasts.show("The machine could not be exported.", `${error.message}. ${error.hint}`);
    }
  }

  /** Somebody asked for it, so the focus may go from the button to the terminal. */
  #startAgain(options: StartOptions = {}): void {
    this.start(options);
    this.terminals.active?.term.focus();
  }

  #lookAtTerminals(): void {
    this.#overlay.hide();
    this.#tabs.hidden = false;
    this.terminals.active?.term.focus();
  }

  #addTerminal(): void {
    const { session } = this;
    if (!session) return;
    const terminal = this.#newOne();
    void this.terminals.open(terminal, session);
    terminal.term.focus();
  }

  #terminalsChanged(): void {
    this.#tabs.update();
    if (this.#phase !== "running") return;
    if (this.terminals.list.length > 0) this.#overlay.hideIf("no-terminals");
    else
      this.#overlay.show(noTerminalsView(button("New terminal", "primary", () => this.#addTerminal())), "no-terminals");
  }

  async #replaceMachine(): Promise<void> {
    const running = ["running", "paused", "off"].includes(this.#phase);
    const kept = this.#name !== null;
    const agreed =
      (!running && !kept) ||
      (await confirmLoss(
        kept ? `Delete the machine "${this.#name}"?` : "End this machine?",
        `Its files and programs are lost${kept ? ", and what was saved of it" : ""}. A new machine starts from the image.`,
        "New machine",
      ));
    if (agreed) this.#startAgain({ afresh: true });
  }
}

/** Opens this page anew with another parameter in its address. */
function openWith(parameter: string, value: string): void {
  const address = new URL(location.href);
  address.searchParams.set(parameter, value);
  location.assign(address);
}
