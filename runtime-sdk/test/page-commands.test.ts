import { afterAll, beforeAll, expect, it } from "vitest";
import type { KernelSession } from "warmboot";
import { boot } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
});
afterAll(() => session?.close());

/** Runs a command on a terminal and returns all that was shown; `look` is called whenever there is more. */
async function onTerminal(command: string, look: (shown: string) => void = () => {}): Promise<string> {
  const terminal = await session.openTerminal({ argv: ["bash", "-c", `${command}; echo "ended with $?"`] });
  const decoder = new TextDecoder();
  let shown = "";
  for await (const bytes of terminal.stdout as unknown as AsyncIterable<Uint8Array>) {
    shown += decoder.decode(bytes, { stream: true });
    look(shown);
  }
  return shown;
}

it.each(["download /etc/hostname", "upload /root"])("%s says that there is no page to take it", async (command) => {
  const shown = await onTerminal(command);
  expect(shown).toContain("there is no Warmboot page on this terminal");
  expect(shown).toContain("ended with 1");
});

it("asks with the paths from the root on, and says what the answer is", async () => {
  let token = "";
  const shown = await onTerminal("cd /etc; download hostname /root", (text) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how it asks.
    const [, found] = /\x1b\]22338;([\da-f-]{36});.*\x1b\\/.exec(text) ?? [];
    if (token !== "" || !found) return;
    token = found;
    void session.files.write(`/run/warmboot-answer-${token}`, "1\n");
  });
  expect(shown).toContain(`\x1b]22338;${token};download;${btoa("/etc/hostname")};${btoa("/root")}\x1b\\`);
  expect(shown).toContain("under way in the page: 2");
  expect(shown).toContain("ended with 0");
});

it("says what is wrong before it asks", async () => {
  const said = async (command: string) => {
    const { stderr, exitCode } = await session.exec(command);
    return [exitCode, stderr];
  };
  expect(await said("download /none")).toEqual([1, "download: /none is not there\n"]);
  expect(await said("upload /etc/hostname")).toEqual([1, "upload: /etc/hostname is not a directory\n"]);
  expect(await said("download")).toEqual([2, "usage: download FILE...\n"]);
  expect(await said("upload a b")).toEqual([2, "usage: upload [DIR]\n"]);
  expect(await said("download /etc/hostname")).toEqual([
    1,
    "download: this works on a terminal of a Warmboot page only\n",
  ]);
});
