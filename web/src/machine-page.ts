import type { BootProgress, KernelSession, WarmbootError } from "warmboot";
import { Machine, type MachineListener, type MachineRequest, type Phase } from "./machine/machine.ts";
import { Terminals } from "./terminal/terminals.ts";
import { BootView } from "./ui/boot-view.ts";
import { confirmLoss } from "./ui/confirm.ts";
import { button, byId, element } from "./ui/element.ts";
import { failureView } from "./ui/failure-view.ts";
import { focusIsFree } from "./ui/focus.ts";
import { HelpDialog } from "./ui/help-dialog.ts";
import { KeyBar } from "./ui/key-bar.ts";
import { noTerminalsView, noticeView } from "./ui/notice-view.ts";
import { Overlay } from "./ui/overlay.ts";
import { StatusText } from "./ui/status.ts";
import { TabList } from "./ui/tab-list.ts";
import { Toasts } from "./ui/toasts.ts";

/** The page with a machine on it: joins the machine to its terminals and to what is said about it. */
export class MachinePage implements MachineListener {
  readonly terminals: Terminals;
  readonly #machine: Machine;
  readonly #overlay = new Overlay(byId("overlay", HTMLElement), byId("panels", HTMLElement));
  readonly #status = new StatusText(byId("status", HTMLElement));
  readonly #toasts = new Toasts(byId("toasts", HTMLElement));
  readonly #newTerminal = byId("new-terminal", HTMLButtonElement);
  readonly #tabs: TabList;
  readonly #keys: KeyBar;
  #boot = new BootView();
  #phase: Phase = "downloading";

  constructor(options: MachineRequest) {
    this.terminals = new Terminals(byId("panels", HTMLElement), {
      changed: () => this.#terminalsChanged(),
      openFailed: (error) =>
        this.#toasts.show("No shell could be started.", error instanceof Error ? error.message : String(error)),
      leave: () => this.#tabs.focus(),
    });
    this.#tabs = new TabList(byId("tabs", HTMLElement), this.terminals);
    this.#keys = new KeyBar(byId("key-bar", HTMLElement), () => this.terminals.active);
    this.#machine = new Machine(options, this);
    const help = new HelpDialog(byId("help", HTMLDialogElement), () => this.#machine.kernelLog);
    byId("open-help", HTMLButtonElement).addEventListener("click", () => help.open());
    byId("new-machine", HTMLButtonElement).addEventListener("click", () => void this.#replaceMachine());
    this.#newTerminal.addEventListener("click", () => this.#addTerminal());
  }

  get session(): KernelSession | null {
    return this.#machine.session;
  }

  /** Boots a machine in the place of the one there is. */
  start(): void {
    // First: what happens to terminals from here on is no news of a running machine.
    this.phase("downloading");
    this.#showBoot();
    void this.#machine.start();
  }

  phase(phase: Phase): void {
    this.#phase = phase;
    this.#status.show(phase);
    const usable = phase === "running" || phase === "paused";
    // The console of an image without an agent is one line: there is no second one.
    this.#newTerminal.hidden = !usable || !this.session?.info.agent;
    this.#tabs.hidden = !usable;
  }

  progress(progress: BootProgress): void {
    this.#boot.progress(progress);
  }

  console(text: string): void {
    this.#boot.log(text);
  }

  async ready(session: KernelSession): Promise<void> {
    const first = this.terminals.active;
    if (first) await this.terminals.open(first, session);
    if (session !== this.session || session.state !== "running") return;
    this.#overlay.hide();
    this.#terminalsChanged();
    if (focusIsFree()) this.terminals.active?.term.focus();
  }

  failed(error: unknown): void {
    const hadShell = this.session !== null;
    const page = failureView(error, this.#machine.kernelLog, {
      tryAgain: () => this.#startAgain(),
      ...(hadShell && { lookAtTerminals: () => this.#lookAtTerminals() }),
    });
    const takeFocus = focusIsFree();
    this.#overlay.show(page, "terminals-rest");
    // Not on the button: a key that was meant for the terminal must not press it.
    if (takeFocus) page.querySelector("h2")?.focus();
  }

  diskError(error: WarmbootError): void {
    this.#toasts.show(
      "The machine's disk has a fault.",
      `${error.message}. The guest got an I/O error; the machine goes on.`,
    );
  }

  rebooting(): void {
    this.#showBoot();
  }

  off(): void {
    const start = button("Start it again", "primary", () => void this.#machine.switchOn());
    this.#overlay.show(
      noticeView("The machine is off", [
        element("p", { text: "It was shut down from within. Its files are kept as long as this tab is open." }),
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

  /** A terminal that takes keys for a shell to come, and over it how far the boot is. */
  #showBoot(): void {
    this.#toasts.clear();
    this.#boot = new BootView();
    this.#overlay.show(this.#boot.element, "terminals-take-keys");
    this.terminals.closeAll();
    this.terminals.add(null).input.filter = this.#keys.filter;
  }

  /** Somebody asked for it, so the focus may go from the button to the terminal. */
  #startAgain(): void {
    this.start();
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
    const terminal = this.terminals.add(session);
    terminal.input.filter = this.#keys.filter;
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
    const agreed =
      !running ||
      (await confirmLoss(
        "End this machine?",
        "Its files and programs are lost. A new machine starts from the image.",
        "New machine",
      ));
    if (agreed) this.#startAgain();
  }
}
