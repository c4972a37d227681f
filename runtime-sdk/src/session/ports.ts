import { FileReplyDecoder, type PortEvent, readPortEvent } from "../guest/index.ts";
import type { EventHub } from "./events.ts";
import { AGENT, type StartProcess } from "./files/index.ts";
import type { GuestProcess } from "./guest-process.ts";

const keyOf = ({ address, port }: PortEvent) => `${address} ${port}`;

/** Follows which ports of the guest are listened on, while somebody wants to know. */
export class PortWatcher {
  readonly #start: StartProcess;
  readonly #hub: EventHub;
  #process: GuestProcess | null = null;
  #running = false;
  /** We ended the watcher ourselves. */
  #stopped = false;
  #followers = 0;
  #open = new Map<string, PortEvent>();

  constructor(start: StartProcess, hub: EventHub) {
    this.#start = start;
    this.#hub = hub;
    // A machine that was started anew: what was open is told closed when the new one has been looked at.
    hub.on("state", (state) => {
      if (state === "running" && this.#followers > 0) void this.#run();
    });
  }

  /** Somebody listens: it is told what is open already. Returns the function that ends that and calls `off`. */
  follow(listener: (event: PortEvent) => void, off: () => void): () => void {
    this.#followers++;
    for (const event of this.#open.values()) queueMicrotask(() => listener(event));
    void this.#run();
    let following = true;
    return () => {
      off();
      if (!following) return;
      following = false;
      if (--this.#followers === 0) this.#stop();
    };
  }

  #stop(): void {
    this.#stopped = true;
    this.#process?.kill("SIGKILL");
    this.#open.clear();
  }

  /** Runs the guest's watcher until it ends, again and again as long as that comes to work and somebody listens. */
  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    let worked = true;
    while (worked && this.#followers > 0) worked = await this.#watch();
    this.#running = false;
  }

  /** Resolves when the watcher has ended: whether to start it again. Why it could not work is told by other ways: the machine is off or gone. */
  async #watch(): Promise<boolean> {
    this.#stopped = false;
    let before: Map<string, PortEvent> | null = this.#open;
    this.#open = new Map();
    const decoder = new FileReplyDecoder((reply) => {
      const event = readPortEvent(reply);
      if (event) this.#take(event, before);
      else {
        for (const [key, gone] of before ?? []) if (!this.#open.has(key)) this.#emit({ ...gone, state: "closed" });
        before = null;
      }
    });
    try {
      this.#process = await this.#start([AGENT, "ports"], {});
      if (this.#followers === 0) this.#stop();
      void this.#process.stderr.cancel();
      for await (const bytes of this.#process.stdout as unknown as AsyncIterable<Uint8Array>) decoder.push(bytes);
    } catch {
      this.#open = before ?? this.#open;
    }
    this.#process = null;
    return before === null || this.#stopped;
  }

  /** `before`: what was open when the last watcher ended, until the new one has told all. */
  #take(event: PortEvent, before: ReadonlyMap<string, PortEvent> | null): void {
    const key = keyOf(event);
    const known = before?.get(key) ?? this.#open.get(key);
    if (event.state === "closed") {
      this.#open.delete(key);
      this.#emit(known ? { ...known, state: "closed" } : event);
      return;
    }
    // A new watcher tells what its predecessor has told; the process cannot be found when it is just ending.
    const same = known !== undefined && (event.pid === null || event.pid === known.pid);
    this.#open.set(key, same ? known : event);
    if (!same) this.#emit(event);
  }

  #emit(event: PortEvent): void {
    if (this.#followers > 0) this.#hub.emit("port", event);
  }
}
