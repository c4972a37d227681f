import { execFileSync } from "node:child_process";
import type { KernelSession } from "../node/index.ts";
import type { CommonOptions } from "./arguments.ts";
import { processOptions, shellExitCode } from "./run.ts";
import { copyOut, standardInput } from "./standard-streams.ts";

/**
 * Puts the program's terminal in raw mode; returns the function that puts it back. Node's own raw mode still turns \n into \r\n on output,
 * which full-screen programs of the guest do not expect; stty turns that off, where there is one.
 */
function rawTerminal(): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  const stty = (...args: string[]) =>
    execFileSync("stty", args, { stdio: ["inherit", "pipe", "ignore"] })
      .toString()
      .trim();
  let saved: string | null = null;
  stdin.setRawMode(true);
  try {
    saved = stty("-g");
    stty("-opost");
  } catch {
    // No stty here: output is as good as Node's raw mode makes it.
  }
  return () => {
    if (saved !== null) stty(saved);
    stdin.setRawMode(false);
  };
}

/** Connects the program's terminal to a login shell in the machine; resolves with the shell's exit code. */
export async function runShell(session: KernelSession, options: CommonOptions): Promise<number> {
  const { stdout } = process;
  const size = () => ({ cols: stdout.columns || 80, rows: stdout.rows || 24 });
  const terminal = await session.openTerminal({ ...processOptions(options), ...size() });
  const resize = () => terminal.resize(size().cols, size().rows);
  stdout.on("resize", resize);
  const restore = rawTerminal();
  standardInput()
    .pipeTo(terminal.stdin)
    .catch(() => {});
  const shown = copyOut(terminal.stdout, stdout);
  shown.catch(() => {});
  try {
    const status = await terminal.exit;
    terminal.detach();
    await shown;
    return shellExitCode(status);
  } finally {
    restore();
    stdout.off("resize", resize);
  }
}
