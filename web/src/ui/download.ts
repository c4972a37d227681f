/** Long enough for a browser that asks where to put it. */
const KEEP_MS = 120_000;

/** Hands a file to the browser, which saves it as it saves downloads. */
export function downloadFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS);
}
