import { effect, signal } from "@preact/signals";
import type { MachinePage } from "../machine-page.tsx";
import { isLoopbackOnly, Listening } from "./listening.ts";
import { machineId } from "./origin.ts";
import type { PortFrame } from "./port-frame.ts";
import type { PortServer } from "./port-server.ts";

const LOOK_MS = 2000;
/** Instructions between two looks: a guest that rests needs a quarter of a million, and 2.4 with our looking. */
const AT_WORK = 6_000_000;
const REST_MS = 8000;

/** The servers in the page's machine. */
export class PagePorts {
  static readonly #all = new WeakMap<MachinePage, PagePorts>();
  readonly listening = new Listening();
  /** Names the machine at the origins of its ports. */
  readonly id: string;
  /** The port that is shown in the panel. */
  readonly open = signal<PortFrame | null>(null);
  readonly #page: MachinePage;
  readonly #watchers = signal(0);
  /** Somebody sees the page, and the machine does more than rest: a program may begin to listen. */
  readonly #isWorking = signal(true);
  #instructions = 0;
  #workedAt = performance.now();
  readonly #servers = new Map<number, Promise<PortServer>>();

  static of(page: MachinePage): PagePorts {
    const known = PagePorts.#all.get(page) ?? new PagePorts(page);
    PagePorts.#all.set(page, known);
    return known;
  }

  private constructor(page: MachinePage) {
    this.#page = page;
    this.id = machineId(page.name);
    effect(() => {
      const { usable, session } = page.state;
      const followed = usable.value && session.value?.info.agent ? session.value : null;
      this.listening.follow(followed, this.#watchers.value > 0 || this.#isWorking.value);
    });
    setInterval(() => this.#lookAtWork(), LOOK_MS);
    addEventListener("pagehide", () => void this.#close());
  }

  /** Gives somebody a way to one port of the machine. */
  readonly link = (port: number, link: MessagePort): void => {
    void this.#server(port).then((server) => server.link(link));
  };

  /** Looks at what listens all the time, until the function is called that this returns. Else only while the machine works: it costs the guest a little. */
  watch(): () => void {
    this.#watchers.value++;
    return () => {
      this.#watchers.value--;
    };
  }

  #lookAtWork(): void {
    const figures = this.#page.state.session.peek()?.figures;
    const now = performance.now();
    if (figures && figures.instructions - this.#instructions > AT_WORK) this.#workedAt = now;
    this.#instructions = figures?.instructions ?? 0;
    this.#isWorking.value = !document.hidden && now - this.#workedAt < REST_MS;
  }

  #server(port: number): Promise<PortServer> {
    const { state } = this.#page;
    const host = {
      id: this.id,
      session: () => (state.usable.value ? state.session.value : null),
      isLoopbackOnly: (each: number) =>
        this.listening.ports.value.some((one) => one.port === each && isLoopbackOnly(one)),
    };
    const server =
      this.#servers.get(port) ??
      import("./port-server.ts").then(({ PortServer }) => new PortServer(port, host, tabStorage()));
    this.#servers.set(port, server);
    return server;
  }

  async #close(): Promise<void> {
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    for (const server of servers) (await server).close();
  }
}

function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
