import type { FromMachine, FromWorker } from "../shared/protocol.ts";

/** Time that a document has to ask for a way to the machine. */
const LINK_MS = 3000;

/** A way to the machine, and what goes over it. */
export interface Link {
  readonly port: MessagePort;
  /** Aborts when it cannot be used any more. */
  readonly gone: AbortController;
}

/** The documents of the worker, as its `clients` give them. */
interface Documents {
  matchAll(options: {
    readonly type: "window";
    readonly includeUncontrolled: true;
  }): Promise<readonly { postMessage(message: unknown): void }[]>;
}

/** The ways to the machine. WHY they may be missing: the browser ends a worker that has nothing to do, and what it held is lost. */
export class MachineLinks {
  readonly #documents: Documents;
  /** The last is the one that is used. */
  readonly #links: Link[] = [];
  #waiting: ((link: Link) => void)[] = [];

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  add(port: MessagePort): void {
    const link: Link = { port, gone: new AbortController() };
    port.onmessage = ({ data }: MessageEvent<FromMachine>) => {
      if (data?.type === "closing") this.drop(link);
    };
    this.#links.push(link);
    for (const resolve of this.#waiting.splice(0)) resolve(link);
  }

  /** It does not lead anywhere. */
  drop(link: Link): void {
    const at = this.#links.indexOf(link);
    if (at < 0) return;
    this.#links.splice(at, 1);
    link.gone.abort();
    link.port.close();
  }

  /** The last one; without any, the documents are asked for one. `null`: there is none to be had. */
  async get(): Promise<Link | null> {
    const last = this.#links.at(-1);
    if (last) return last;
    const documents = await this.#documents.matchAll({ type: "window", includeUncontrolled: true });
    if (documents.length === 0) return null;
    const wanted: FromWorker = { warmboot: "link-wanted" };
    for (const each of documents) each.postMessage(wanted);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(this.#links.at(-1) ?? null), LINK_MS);
      this.#waiting.push((link) => {
        clearTimeout(timer);
        resolve(link);
      });
    });
  }
}
