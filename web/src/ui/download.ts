import { element } from "./element.ts";

/** Long enough for a browser that asks where to put it. */
const KEEP_MS = 120_000;

/** Hands a file to the browser, which saves it as it saves downloads. */
export function downloadFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  element("a", { attributes: { href: address, download: name } }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS);
}
