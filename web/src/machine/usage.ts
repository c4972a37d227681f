import { signal } from "@preact/signals";
import type { KernelSession, MachineFigures, MachineStats } from "warmboot";

const LOOK_MS = 1000;
/** Time between two questions to the guest while somebody looks at the answers. */
const WATCHED_MS = 3000;
/** The same for the bar; a guest that has done nothing since is not asked. */
const GLANCED_MS = 5000;
const TIMEOUT_MS = 10_000;
/** Instructions in a second: less is a guest at rest, which needs 0.12 million, or one that was asked, which costs it half a million. */
const AT_REST = 1_500_000;

/** How closely what the machine uses is looked at. */
export type Look = "glance" | "watch";

/** What the machine uses, asked for only while it is seen: each question is a little work for the guest. */
export class Usage {
  /** Share of a core that the emulated CPU has taken lately, 0 to 1; `null`: it does not run. */
  readonly cpu = signal<number | null>(null);
  /** What the guest said last; `null`: nothing yet. */
  readonly stats = signal<MachineStats | null>(null);
  readonly #running: () => KernelSession | null;
  readonly #looks: Look[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #session: KernelSession | null = null;
  #before: MachineFigures | null = null;
  #askedAt = 0;
  #asking = false;
  #hasWorked = true;

  /** `running`: the session of the machine, while it runs. */
  constructor(running: () => KernelSession | null) {
    this.#running = running;
  }

  /** Looks until the function is called that this returns. */
  look(look: Look): () => void {
    this.#looks.push(look);
    this.#timer ??= setInterval(() => this.#tick(), LOOK_MS);
    if (look === "watch") this.#tick();
    return () => {
      this.#looks.splice(this.#looks.indexOf(look), 1);
      if (this.#looks.length > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #tick(): void {
    const session = this.#running();
    if (session !== this.#session) {
      this.#session = session;
      this.#before = null;
      this.cpu.value = null;
      this.#hasWorked = true;
      // WHY: nobody is kept waiting by the first moments of a machine.
      if (session) this.#askedAt = performance.now();
    }
    if (!session || document.hidden) return;
    this.#measure(session.figures);
    const waited = performance.now() - this.#askedAt;
    const isWatched = this.#looks.includes("watch");
    const isDue = isWatched ? waited >= WATCHED_MS || !this.stats.value : waited >= GLANCED_MS && this.#hasWorked;
    if (isDue && session.info.agent !== "") void this.#ask(session);
  }

  #measure(now: MachineFigures): void {
    const before = this.#before;
    if (before?.takenAtMs === now.takenAtMs) return;
    this.#before = now;
    // A machine that was started anew counts from zero.
    if (!before || now.takenAtMs < before.takenAtMs || now.busyMs < before.busyMs) return;
    this.cpu.value = Math.min(1, (now.busyMs - before.busyMs) / (now.takenAtMs - before.takenAtMs));
    if (now.instructions - before.instructions > AT_REST) this.#hasWorked = true;
  }

  async #ask(session: KernelSession): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    this.#hasWorked = false;
    try {
      const stats = await session.stats({ timeoutMs: TIMEOUT_MS });
      if (session === this.#session) this.stats.value = stats;
    } catch {
      // A guest that is too busy is asked again; one that has ended says so elsewhere.
      this.#hasWorked = true;
    }
    this.#askedAt = performance.now();
    this.#asking = false;
  }
}
