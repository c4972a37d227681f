import { constants } from "node:os";
import { SpawnError } from "../errors/index.ts";
import type { ExitStatus, KernelSession } from "../node/index.ts";
import type { CommonOptions } from "./arguments.ts";
import { copyOut, standardInput } from "./standard-streams.ts";

const EXIT_TIMEOUT = 124;
const EXIT_NO_MACHINE = 125;
const EXIT_NOT_RUNNABLE = 126;
const EXIT_NOT_FOUND = 127;
const ENOENT = 2;

/** The process options that flags ask for. */
export function processOptions({ user, cwd, env }: CommonOptions) {
  return { env, ...(user !== null && { user }), ...(cwd !== null && { cwd }) };
}

/** The exit code a shell would give. */
export function shellExitCode({ exitCode, signal }: ExitStatus): number {
  if (exitCode !== null) return exitCode;
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

/** Runs one command with the program's own stdin, stdout and stderr; resolves with the exit code. */
export async function runCommand(
  session: KernelSession,
  options: CommonOptions & { readonly argv: readonly string[]; readonly timeoutMs: number | null },
): Promise<number> {
  let child: Awaited<ReturnType<KernelSession["spawn"]>>;
  try {
    child = await session.spawn(options.argv, processOptions(options));
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    process.stderr.write(`warmboot: ${error.message}\n`);
    if (error.stage !== "exec") return EXIT_NO_MACHINE;
    return error.errno === ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUNNABLE;
  }
  let timedOut = false;
  const timer =
    options.timeoutMs === null
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          child.kill("SIGKILL");
        }, options.timeoutMs);
  const forward = (signal: "SIGINT" | "SIGTERM") => child.kill(signal);
  process.on("SIGINT", forward);
  process.on("SIGTERM", forward);
  // Whoever read our output is gone: the command learns it as it would on a pipe.
  process.stdout.on("error", () => child.kill("SIGPIPE"));

  // WHY the failure is ignored: the command may end without reading all of its input.
  standardInput()
    .pipeTo(child.stdin)
    .catch(() => {});
  const copies = Promise.all([copyOut(child.stdout, process.stdout), copyOut(child.stderr, process.stderr)]);
  copies.catch(() => {});
  try {
    const status = await child.exit;
    // Children in the background may hold the streams open; the command itself is over.
    child.detach();
    await copies;
    return timedOut ? EXIT_TIMEOUT : shellExitCode(status);
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", forward);
    process.off("SIGTERM", forward);
  }
}
