import { afterAll, beforeAll, expect, it } from "vitest";
import type { GuestProcess, KernelSession } from "warmboot";
import { boot } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
});
afterAll(() => session?.close());

/** Runs a command on a terminal, answering its request as `answer` says; returns all that was shown. */
async function onTerminal(command: string, answer: (terminal: GuestProcess, shown: string) => void): Promise<string> {
  const terminal = await session.openTerminal({ argv: ["bash", "-c", `${command}; echo "ended with $?"; stty -a`] });
  const decoder = new TextDecoder();
  let shown = "";
  for await (const bytes of terminal.stdout as unknown as AsyncIterable<Uint8Array>) {
    shown += decoder.decode(bytes, { stream: true });
    answer(terminal, shown);
  }
  return shown;
}

it.each(["download /etc/hostname", "upload /root"])(
  "%s says that there is no page to take it, and leaves the terminal as it was",
  async (command) => {
    const shown = await onTerminal(command, () => {});
    expect(shown).toContain("there is no Warmboot page on this terminal");
    expect(shown).toContain("ended with 1");
    expect(shown).toMatch(/ icanon .* echo /s);
  },
);

it("asks with the paths from the root on, and takes the answer among keys", async () => {
  let isAnswered = false;
  const shown = await onTerminal("cd /etc; download hostname /root", (terminal, text) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how it asks.
    if (isAnswered || !/\x1b\]22338;.*\x1b\\/.test(text)) return;
    isAnswered = true;
    const keys = terminal.stdin.getWriter();
    void keys.write(new TextEncoder().encode("nx\x1b[?22338;1n"));
  });
  const encode = (path: string) => btoa(path);
  expect(shown).toContain(`\x1b]22338;download;${encode("/etc/hostname")};${encode("/root")}\x1b\\`);
  expect(shown).toContain("the browser has been given 2 of 2");
  expect(shown).toContain("ended with 0");
});

it("says what is wrong before it asks", async () => {
  const { stderr, exitCode } = await session.exec("download /none; upload /etc/hostname; download");
  expect({ stderr, exitCode }).toEqual({
    stderr: expect.stringContaining("this runs on a terminal"),
    exitCode: 2,
  });
  expect(await onTerminal("download /none", () => {})).toContain("download: /none is not there");
  expect(await onTerminal("upload /etc/hostname", () => {})).toContain("upload: /etc/hostname is not a directory");
});
