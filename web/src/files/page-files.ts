import { signal } from "@preact/signals";
import type { KernelSession } from "warmboot";
import type { MachinePage } from "../machine-page.tsx";
import { askConflict } from "./conflict.tsx";
import { download, type Outgoing, outgoingOf } from "./download.ts";
import { type Answer, answerPath, type GuestRequest } from "./guest-request.ts";
import { GuestRequests } from "./guest-requests.ts";
import type { Incoming } from "./incoming.ts";
import { shownName } from "./paths.ts";
import { type Transfer, Transfers } from "./transfers.ts";
import { planUpload, upload } from "./upload.ts";

/** Where files go when no other directory is shown. */
const HOME = "/root";
const MOST_NAMED = 3;
/** Answers to programs stay so long, and there are no more of them at once. */
const ANSWER_MS = 10_000;
const MOST_ANSWERS = 32;

const all = new WeakMap<MachinePage, PageFiles>();

/** Files on their way in and out of the page's machine, whoever asked for it. */
export class PageFiles {
  readonly page: MachinePage;
  readonly transfers = new Transfers();
  /** The directory that the panel shows; `null` when it is not open. */
  readonly shown = signal<string | null>(null);
  readonly requests: GuestRequests;
  #answers = 0;

  private constructor(page: MachinePage) {
    this.page = page;
    this.requests = new GuestRequests(page.terminals, {
      download: async (paths) => {
        for (const path of paths) await this.download(shownName(path), (session) => outgoingOf(session, path));
      },
      answer: (request, answer) => void this.#answer(request, answer),
      refused: (why) => page.state.notify("A request of the machine was refused.", why),
    });
  }

  /** Those of a page: there is one. */
  static of(page: MachinePage): PageFiles {
    const known = all.get(page) ?? new PageFiles(page);
    all.set(page, known);
    return known;
  }

  /** Where dropped files go. */
  get destination(): string {
    return this.shown.value ?? HOME;
  }

  /** Files can be put into the machine, and taken out of it. */
  get usable(): boolean {
    return this.page.state.usable.value && !!this.page.state.session.value?.info.agent;
  }

  /** Brings files into a directory. */
  upload(reading: Promise<readonly Incoming[]>, directory: string): Promise<boolean> {
    reading.catch(() => {});
    return this.#run(`Upload to ${shownName(directory)}`, async (session, transfer) => {
      transfer.note.value = "Looking at the files…";
      const incoming = await reading;
      if (incoming.length === 0) throw new Error("There are no files in it.");
      const plan = await planUpload(session, incoming, directory, (taken) => askConflict(this.page.state, taken));
      transfer.note.value = "";
      if (plan) return upload(session, plan, transfer);
      transfer.cancel();
      throw transfer.signal.reason;
    });
  }

  /** Has the browser save something of the machine. */
  download(title: string, find: (session: KernelSession) => Outgoing | Promise<Outgoing>): Promise<boolean> {
    return this.#run(`Download of ${title}`, async (session, transfer) => download(await find(session), transfer));
  }

  /** Nobody reads an answer that cannot be written: the program says then that there was none. */
  async #answer({ token }: GuestRequest, answer: Answer): Promise<void> {
    const { session } = this.page;
    if (!session || this.#answers >= MOST_ANSWERS) return;
    this.#answers++;
    const path = answerPath(token);
    await session.files.write(path, `${answer}\n`).catch(() => {});
    setTimeout(() => {
      this.#answers--;
      session.files.remove(path, { force: true }).catch(() => {});
    }, ANSWER_MS);
  }

  #run(title: string, work: (session: KernelSession, transfer: Transfer) => Promise<string>): Promise<boolean> {
    return this.transfers.run(title, (transfer) => {
      const { session } = this.page;
      if (!session || !this.usable) throw new Error("The machine does not run.");
      return work(session, transfer);
    });
  }
}

/** The first of some names, and how many more there are. */
export function listNames(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  const first = names.slice(0, MOST_NAMED).map(shownName).join(", ");
  return more > 0 ? `${first} and ${more} more` : first;
}
