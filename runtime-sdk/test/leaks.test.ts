import { expect, it } from "vitest";
import { boot } from "./support/machine.ts";

/** Workers, handles and timers that keep this process alive; only Node can tell. */
function resources(): string[] {
  return typeof window === "undefined" ? process.getActiveResourcesInfo().sort() : [];
}

it("a closed session leaves nothing behind", async () => {
  await (await boot()).close();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = resources();
  for (let i = 0; i < 3; i++) {
    const session = await boot();
    await session.exec("true", { timeoutMs: 100_000, signal: new AbortController().signal });
    const terminal = await session.openTerminal();
    session.on("console", () => {});
    await terminal.stdout.cancel();
    await session.close();
  }
  // Connections of the last download may be kept alive a moment by the platform.
  await expect
    .poll(() => resources().filter((name) => name !== "TCPSocketWrap"))
    .toEqual(before.filter((name) => name !== "TCPSocketWrap"));
});
