import { type ReadonlySignal, signal } from "@preact/signals";
import type { RelayOptions } from "warmboot";

/** Through which relay the machines of this browser reach the network. */
export interface RelayChoice {
  /** `site`: the one that the site offers, if it does. */
  readonly use: "site" | "none" | "other";
  /** Address of the other one. */
  readonly address: string;
  /** What the other one is to know us by; empty: nothing. */
  readonly token: string;
}

const KEY = "warmboot.relay";
const SITE: RelayChoice = { use: "site", address: "", token: "" };
const LONGEST_ADDRESS = 2000;
const LONGEST_TOKEN = 16_384;

/** Takes of unknown data what is a choice. */
export function readRelayChoice(data: unknown): RelayChoice {
  const { use, address, token } = (data ?? {}) as Partial<Record<keyof RelayChoice, unknown>>;
  return {
    use: use === "none" || use === "other" ? use : "site",
    address: typeof address === "string" && address.length <= LONGEST_ADDRESS ? address : "",
    token: typeof token === "string" && token.length <= LONGEST_TOKEN ? token : "",
  };
}

function load(): RelayChoice {
  try {
    return readRelayChoice(JSON.parse(localStorage.getItem(KEY) ?? "null"));
  } catch {
    // No storage here, or something else under this name.
    return SITE;
  }
}

const current = signal(load());

/** The choice as it is. */
export const relayChoice: ReadonlySignal<RelayChoice> = current;

/** Whether the token is kept for the next visit. */
export const isTokenKept = (): boolean => load().token !== "";

/** Chooses. `keepToken`: for the next visit too, where whoever uses this browser can read it; the rest is kept anyway. */
export function chooseRelay(choice: RelayChoice, keepToken: boolean): void {
  current.value = readRelayChoice(choice);
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...current.value, token: keepToken ? current.value.token : "" }));
  } catch {
    // It lasts as long as the page.
  }
}

const inPage = (name: string): string => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";

/** The relay that the site offers its machines; empty: none. */
export const siteRelay = (): string => inPage("warmboot-relay");

/** Whether the site lets a person choose another relay; its policy forbids the page to reach one otherwise. */
export const mayChooseRelay = (): boolean => inPage("warmboot-other-relays") !== "no";

/**
 * What a machine is to be started with; `null`: it has no network. WHY never from the address of the page: a link must not choose through whose hands a
 * machine's traffic goes.
 */
export const networkOptions = (): RelayOptions | null => relayOptions(mayChooseRelay() ? current.value : SITE);

/** What a choice means; `null`: no relay. */
export function relayOptions({ use, address, token }: RelayChoice): RelayOptions | null {
  if (use === "other" && address !== "") return { relay: address, ...(token !== "" && { token }) };
  const relay = siteRelay();
  return use === "site" && relay !== "" ? { relay } : null;
}
