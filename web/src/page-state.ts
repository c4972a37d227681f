import { computed, signal } from "@preact/signals";
import type { ComponentChild } from "preact";
import type { BlockedConnection, BootProgress, KernelSession, NetworkStatus } from "warmboot";
import type { CameUp, Phase } from "./machine/machine.ts";
import { Usage } from "./machine/usage.ts";
import type { PanelName } from "./panels/panel.ts";
import type { ShellTerminal } from "./terminal/shell-terminal.ts";

/**
 * Why something covers the terminals. While a machine boots they take keys all the same; otherwise nothing behind can be reached.
 */
export type CoverReason = "terminals-take-keys" | "terminals-rest" | "no-terminals";

/** The one thing that can stand over the terminals. */
export interface Cover {
  readonly reason: CoverReason;
  readonly render: () => ComponentChild;
}

/** A question over all of the page. */
export interface OpenDialog {
  /** Unlike that of any other. */
  readonly id: number;
  readonly render: () => ComponentChild;
}

/** A notice in the corner. */
export interface Notice {
  readonly title: string;
  readonly text: string;
  /** How often it came. */
  readonly count: number;
  /** A button in it. */
  readonly action?: NoticeAction;
}

export interface NoticeAction {
  readonly label: string;
  run(): void;
}

/** Something that the guest wanted of the network and may not have. */
export interface Blocked extends BlockedConnection {
  /** How often. */
  readonly count: number;
  /** The last time, in milliseconds since the epoch. */
  readonly at: number;
}

/** How the machine is kept. */
export interface Saved {
  /** When it was saved last, in milliseconds since the epoch; `null`: never. */
  readonly at: number | null;
  /** What that wrote; `null`: it was before this page. */
  readonly bytes: number | null;
  readonly failed: boolean;
  readonly saving: boolean;
}

export const NEVER_SAVED: Saved = { at: null, bytes: null, failed: false, saving: false };
export const NOTHING_LOADED: BootProgress = { stage: "download", loadedBytes: 0, totalBytes: null };

const MOST_NOTICES = 4;
const MOST_BLOCKED = 50;
const MOST_LOG = 60_000;

/** What the page shows. Its components read the signals; `MachinePage` writes them. */
export class PageState {
  readonly phase = signal<Phase>("downloading");
  /** The machine can be used. */
  readonly usable = computed(() => this.phase.value === "running" || this.phase.value === "paused");
  /** `null` before it answers and after it was replaced. */
  readonly session = signal<KernelSession | null>(null);
  /** How its last start went; `null` before it answers. */
  readonly cameUp = signal<CameUp | null>(null);
  /** `null` before anything is known. */
  readonly network = signal<NetworkStatus | null>(null);
  /** What the guest was refused, the last first. */
  readonly blocked = signal<readonly Blocked[]>([]);
  readonly saved = signal<Saved>(NEVER_SAVED);
  /** What the machine uses, while somebody looks. */
  readonly usage = new Usage(() => (this.phase.value === "running" ? this.session.value : null));
  readonly progress = signal<BootProgress>(NOTHING_LOADED);
  /** The end of what the kernel says while the machine starts. */
  readonly bootLog = signal("");
  readonly cover = signal<Cover | null>(null);
  readonly notices = signal<readonly Notice[]>([]);
  /** The panel beside the terminals. */
  readonly panel = signal<PanelName | null>(null);
  /** The terminal that is searched. */
  readonly finding = signal<ShellTerminal | null>(null);
  /** What else stands in the corner of the notices. */
  readonly corner = signal<(() => ComponentChild) | null>(null);
  /** A new version of the page is there. */
  readonly update = signal<(() => ComponentChild) | null>(null);
  /** Questions over all of the page; the first is shown. */
  readonly dialogs = signal<readonly OpenDialog[]>([]);

  #unshownLog = "";
  #frame = 0;

  /** Shows a notice until it is closed; one that comes again counts up instead of standing there twice. */
  notify(title: string, text: string, action?: NoticeAction): void {
    const before = this.notices.value;
    const known = before.findIndex((each) => each.title === title && each.text === text);
    if (known >= 0)
      this.notices.value = before.map((each, at) => (at === known ? { ...each, count: each.count + 1 } : each));
    else this.notices.value = [...before, { title, text, count: 1, ...(action && { action }) }].slice(-MOST_NOTICES);
  }

  /** Notes what the guest was refused; the same again counts up. */
  block(blocked: BlockedConnection): void {
    const isSame = (each: Blocked) =>
      each.host === blocked.host && each.port === blocked.port && each.reason === blocked.reason;
    const count = (this.blocked.value.find(isSame)?.count ?? 0) + 1;
    const others = this.blocked.value.filter((each) => !isSame(each));
    this.blocked.value = [{ ...blocked, count, at: Date.now() }, ...others].slice(0, MOST_BLOCKED);
  }

  dismiss(notice: Notice): void {
    this.notices.value = this.notices.value.filter((each) => each !== notice);
  }

  /** Begins a boot: nothing is loaded, nothing said. */
  beginBoot(): void {
    this.progress.value = NOTHING_LOADED;
    this.bootLog.value = "";
    this.#unshownLog = "";
    this.notices.value = [];
  }

  /** Adds text of the kernel's console, once a frame. */
  log(text: string): void {
    this.#unshownLog += text;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.bootLog.value = `${this.bootLog.value}${this.#unshownLog}`.slice(-MOST_LOG);
      this.#unshownLog = "";
    });
  }

  hideCover(reason?: CoverReason): void {
    if (reason === undefined || this.cover.value?.reason === reason) this.cover.value = null;
  }
}
