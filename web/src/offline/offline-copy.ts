import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { savedMachines } from "warmboot";
import { DEFAULT_IMAGE } from "../address.ts";
import { changeSettings, type Settings, settings } from "../settings.ts";
import { type KeptBytes, KeptImage, NoRoomError } from "./kept-image.ts";
import { browserIdle, Leisure, type Work } from "./leisure.ts";
import { siteCaches } from "./names.ts";
import { type Connection, savesData } from "./saves-data.ts";

/** Why not all is kept: the connection is a dear one, there is no room, the site could not be reached, or the browser does not do it. */
export type Obstacle = "saves-data" | "no-room" | "unreachable" | "unsupported";

/** What there is for use without a network. */
export interface OfflineState {
  readonly is: "unknown" | "none" | "keeping" | "part" | "all";
  /** In bytes; the page itself and its image. */
  readonly kept: number;
  /** `null`: not known yet. */
  readonly total: number | null;
  readonly obstacle: Obstacle | null;
}

const UNKNOWN: OfflineState = { is: "unknown", kept: 0, total: null, obstacle: null };
/** Of the room that is left, this part is for machines, and for other sites. */
const LEFT_FREE = 3 / 4;
const MOST_MS = 10_000;
/** So long the files of the page itself wait for a machine that works: they come in one piece. */
const FIRST_MS = 60_000;

const folder = new URL("./", document.baseURI).href;
const image = new KeptImage(new URL(DEFAULT_IMAGE, document.baseURI).href, folder);

/** Keeps the page, and all of the disk that machines of the site have, in this browser. */
class OfflineCopy {
  readonly #state = signal(UNKNOWN);
  readonly state: ReadonlySignal<OfflineState> = this.#state;
  /** Of the site's service worker, when there is one. */
  readonly registration = signal<ServiceWorkerRegistration | null>(null);
  readonly #wanted = computed(() => settings.value.offline);
  /** How far the tab is that fetches, for those that wait for it. */
  readonly #told = new BroadcastChannel(`warmboot-offline ${folder}`);
  #started = false;
  #leisure = new Leisure(() => null);
  #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  /** Follows what a person has chosen, from now on. `work`: what the machine of the page does, which goes first. */
  start(work: () => Work): void {
    if (this.#started) return;
    this.#started = true;
    this.#leisure = new Leisure(work);
    effect(() => this.#follow(this.#wanted.value));
    this.#told.onmessage = ({ data }: MessageEvent<OfflineState>) => {
      if (this.#state.value.is === "keeping") this.#state.value = data;
    };
    addEventListener("online", () => this.#follow(this.#wanted.value));
  }

  /** Keeps everything, on whatever connection. */
  keepAll(): void {
    changeSettings({ offline: "all" });
    this.#follow("all");
  }

  /** Removes what is kept, and keeps nothing from now on. */
  async remove(): Promise<void> {
    changeSettings({ offline: "none" });
    await this.#ended;
    // Another tab ends what it does as soon as it hears of it; one that the browser has put to sleep does nothing.
    const isOver = AbortSignal.timeout(MOST_MS);
    await alone(removeAll, isOver).catch((error) => (isOver.aborted ? removeAll() : Promise.reject(error)));
    this.registration.value = null;
  }

  #follow(wanted: Settings["offline"]): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#ended = this.#ended.then(async () => {
      if (signal.aborted) return;
      if (wanted === "none") this.#state.value = { ...UNKNOWN, is: "none" };
      else await this.#keep(wanted, signal);
    });
  }

  async #keep(wanted: "auto" | "all", signal: AbortSignal): Promise<void> {
    // Who has asked for it waits for it.
    const inTurn = async <T>(fetch: () => Promise<T>, mostMs?: number): Promise<T> => {
      if (wanted === "auto") return this.#leisure.run(fetch, signal, mostMs);
      await browserIdle();
      return fetch();
    };
    try {
      const registration = (await registered()) ? await register() : await inTurn(register, FIRST_MS);
      this.registration.value = registration;
      if (!registration) return this.#stay("unsupported");
      if (!registration.active) this.#state.value = { ...UNKNOWN, is: "keeping" };
      await activated(registration);
      await this.#look();
      if (wanted === "auto" && savesData(connection())) return this.#stay("saves-data");
      const site = await siteBytes();
      const onProgress = ({ kept, total }: KeptBytes) => {
        this.#state.value = { is: "keeping", kept: site + kept, total: site + total, obstacle: null };
        this.#told.postMessage(this.#state.value);
      };
      if (this.#state.value.is !== "all") this.#state.value = { ...this.#state.value, is: "keeping", obstacle: null };
      await alone(() => image.keep({ signal, hasRoom, inTurn, onProgress, used: usedImages }), signal);
      await this.#look();
      this.#stay("no-room");
    } catch (error) {
      if (signal.aborted) return;
      await this.#look().catch(() => {});
      this.#stay(error instanceof NoRoomError || isQuota(error) ? "no-room" : "unreachable");
    }
  }

  async #look(): Promise<void> {
    const [site, found] = [await siteBytes(), await image.look()];
    this.#state.value = {
      is: found?.isAll ? "all" : "part",
      kept: site + (found?.kept ?? 0),
      total: found && site + found.total,
      obstacle: null,
    };
  }

  /** If not all is here, this is why. */
  #stay(obstacle: Obstacle): void {
    if (this.#state.value.is !== "all") this.#state.value = { ...this.#state.value, is: "part", obstacle };
  }
}

async function removeAll(): Promise<void> {
  await image.remove();
  for (const name of await caches.keys()) if (name.startsWith(siteCaches(folder))) await caches.delete(name);
  await (await navigator.serviceWorker.getRegistration(folder))?.unregister();
}

export const offlineCopy = new OfflineCopy();

async function register(): Promise<ServiceWorkerRegistration | null> {
  try {
    const options = { scope: folder, updateViaCache: "none" } as const;
    return (await navigator.serviceWorker.register(`${folder}service-worker.js`, options)) ?? null;
  } catch {
    // No storage, not by HTTPS, forbidden, or the site has none: everything works as long as there is a network.
    return registered();
  }
}

async function registered(): Promise<ServiceWorkerRegistration | null> {
  return (await navigator.serviceWorker?.getRegistration(folder).catch(() => null)) ?? null;
}

/** Resolves when the files of the site are here. */
async function activated({ active, waiting, installing }: ServiceWorkerRegistration): Promise<void> {
  if (active) return;
  const worker = installing ?? waiting;
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      if (worker?.state === "activated") resolve();
      if (!worker || worker.state === "redundant") reject(new Error("the files of the site could not be had"));
    };
    worker?.addEventListener("statechange", look);
    look();
  });
}

/** Only one tab does it at a time; the others wait, and find that it is done. */
async function alone(run: () => Promise<void>, signal: AbortSignal): Promise<void> {
  await navigator.locks.request(`warmboot-offline ${folder}`, { signal }, run);
}

/** Identities of the images that machines here were made from; null: not all of that can be read. */
async function usedImages(): Promise<ReadonlySet<string> | null> {
  try {
    const ids = (await savedMachines().list()).map(({ last }) => last?.imageId);
    return ids.every((id) => id !== undefined) ? new Set(ids) : null;
  } catch {
    return null;
  }
}

async function siteBytes(): Promise<number> {
  let bytes = 0;
  for (const name of await caches.keys()) {
    if (!name.startsWith(siteCaches(folder))) continue;
    for (const response of await (await caches.open(name)).matchAll()) bytes += (await response.blob()).size;
  }
  return bytes;
}

async function hasRoom(bytes: number): Promise<boolean> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  return quota === 0 || bytes < (quota - usage) * (1 - LEFT_FREE);
}

const isQuota = (error: unknown): boolean => error instanceof DOMException && error.name === "QuotaExceededError";

const connection = (): Connection | undefined => (navigator as { readonly connection?: Connection }).connection;
