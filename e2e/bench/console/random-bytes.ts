import type { Page } from "@playwright/test";

declare global {
  interface Window {
    /** What goes into the guest. */
    benchBytes?: Uint8Array<ArrayBuffer>;
  }
}

/** Makes `window.benchBytes`; its SHA-256 in hex. */
export function makeRandomBytes(page: Page, size: number): Promise<string> {
  return page.evaluate(async (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
    window.benchBytes = bytes;
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }, size);
}

/** How long a transfer into the guest took, and what hash the guest found. */
export interface Transfer {
  readonly ms: number;
  readonly hash: string;
}
