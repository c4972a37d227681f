import {
  AbortedError,
  BootTimeoutError,
  KernelPanicError,
  MachineOffError,
  MachineRestartedError,
  SessionClosedError,
  type WarmbootError,
} from "../errors/index.ts";
import type { DiskBlocks } from "../machine/index.ts";
import type { EventHub, SessionState } from "./events.ts";
import type { Machine } from "./machine.ts";
import type { MachineListener } from "./machine-settings.ts";
import { checkReboot, DEFAULT_BOOT_TIMEOUT_MS, type RebootOptions } from "./options.ts";
import { shutDownGuest } from "./shutdown.ts";
import { within } from "./within.ts";

/** What a machine reports to whoever switches it on and off. */
export type PowerListener = Pick<MachineListener, "onFailure" | "onPower">;

/** Makes a machine that starts at once; `blocks`: the disk of the one before, null for the first. */
export type PowerOn = (blocks: DiskBlocks | null, listener: PowerListener) => Machine;

/** A session's machine from power-on to power-off, over reboots: owns the state of the session. */
export class Power {
  readonly #events: EventHub;
  readonly #powerOn: PowerOn;
  #machine: Machine;
  #state: SessionState = "booting";
  #failure: WarmbootError | null = null;
  /** What the machine wrote to its disk, while it is off. */
  #disk: DiskBlocks | null = null;
  /** Done when a machine that ended has given its disk away. */
  #switching: Promise<void> | null = null;

  constructor(events: EventHub, powerOn: PowerOn) {
    this.#events = events;
    this.#powerOn = powerOn;
    this.#machine = this.#start(null);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The one that runs, or ran last. */
  get machine(): Machine {
    return this.#machine;
  }

  /** Throws if there is no machine that is on. */
  checkOn(): void {
    if (this.#failure) throw this.#failure;
    if (this.#state === "closed") throw new SessionClosedError();
    if (this.#state === "off") throw new MachineOffError();
  }

  /** The machine, when it is up. Rejects if it is not on. */
  async up(): Promise<Machine> {
    this.checkOn();
    await this.#up();
    return this.#machine;
  }

  /** Gives `use` what a machine that is off has written to its disk, for as long as it does not wait; `null` if it is not off. */
  async offDisk<T>(use: (blocks: DiskBlocks) => T): Promise<T | null> {
    // Whoever hears of the state asks before the disk is on its way.
    await Promise.resolve();
    await this.#switching;
    return this.#state === "off" && this.#disk ? use(this.#disk) : null;
  }

  async pause(): Promise<void> {
    const machine = await this.up();
    if (this.#state !== "running") return;
    await machine.pause(true);
    this.#enter("paused");
  }

  async resume(): Promise<void> {
    this.checkOn();
    if (this.#state !== "paused") return;
    await this.#machine.pause(false);
    this.#enter("running");
  }

  async reboot(options: RebootOptions): Promise<void> {
    checkReboot(options);
    const { force = false, timeoutMs = DEFAULT_BOOT_TIMEOUT_MS, signal } = options;
    if (signal?.aborted) throw new AbortedError("the reboot", signal.reason);
    if (this.#state !== "off") this.checkOn();
    const restarting = this.#state === "off" ? this.#switchOn() : this.#shutDown(force);
    await within(
      restarting.then(() => this.#up()),
      {
        what: "the reboot",
        timeoutMs,
        onTimeout: () => new BootTimeoutError(timeoutMs, this.#machine.stage, this.#machine.kernelLog),
        signal,
      },
    );
  }

  /** The machine cannot go on, or must not. */
  fail(error: WarmbootError): void {
    if (this.#state === "failed" || this.#state === "closed") return;
    this.#failure = error;
    this.#enter("failed");
    if (error instanceof KernelPanicError) this.#events.emit("panic", error);
    this.#events.emit("error", error);
    void this.#machine.end(error);
  }

  /** Ends the machine at once. May be called again. */
  async end(): Promise<void> {
    const error = new SessionClosedError(this.#failure ?? undefined);
    if (this.#enter("closed")) this.#events.clear();
    this.#disk = null;
    await this.#machine.end(error);
  }

  #start(blocks: DiskBlocks | null): Machine {
    const machine = this.#powerOn(blocks, {
      onFailure: (error) => this.fail(error),
      onPower: (kind) => this.#powerEvent(machine, kind),
    });
    machine.ready.then(
      () => this.#enter("running"),
      () => {},
    );
    return machine;
  }

  /** Resolves when a machine that is being started, or started anew, is up. */
  async #up(): Promise<void> {
    await this.#switching;
    await this.#machine.ready;
  }

  /** Starts a machine that is off. */
  async #switchOn(): Promise<void> {
    // Its disk may still be on its way.
    await this.#switching;
    if (this.#state === "off") await this.#restart(this.#disk);
  }

  /** Ends the running machine and starts another one on its disk. */
  async #shutDown(force: boolean): Promise<void> {
    if (this.#state === "paused") await this.resume();
    await this.#up();
    const machine = this.#machine;
    if (!force && machine.agent) {
      const changed = new Promise<unknown>((resolve) => {
        const stop = this.#events.on("state", (state) => {
          stop();
          resolve(state);
        });
      });
      await shutDownGuest(machine, changed);
    }
    if (this.#machine === machine && this.#state === "running") this.#powerEvent(machine, "reset");
  }

  #powerEvent(machine: Machine, kind: "reset" | "halted"): void {
    if (this.#enter(kind === "reset" ? "booting" : "off")) this.#switching = this.#switch(machine, kind);
  }

  /** Takes the disk of a machine that has ended, and starts another one on it or keeps it. */
  async #switch(machine: Machine, kind: "reset" | "halted"): Promise<void> {
    const blocks = await machine.takeDisk().catch(() => null);
    // The machine failed or was closed meanwhile, which was told by other ways.
    if (!blocks || this.#state === "closed" || this.#state === "failed") return;
    if (kind === "reset") await this.#restart(blocks);
    else {
      this.#disk = blocks;
      await machine.end(new MachineOffError());
    }
  }

  async #restart(blocks: DiskBlocks | null): Promise<void> {
    const old = this.#machine;
    this.#disk = null;
    this.#enter("booting");
    this.#machine = this.#start(blocks);
    await old.end(new MachineRestartedError());
  }

  /** The one place where the state changes. `closed` is final; `failed` can only become `closed`. */
  #enter(state: SessionState): boolean {
    if (this.#state === "closed" || (this.#state === "failed" && state !== "closed") || this.#state === state)
      return false;
    this.#state = state;
    this.#events.emit("state", state);
    return true;
  }
}
