import { AbortedError } from "../errors/index.ts";
import type { ProcessChannel, SpawnRequest } from "../guest/index.ts";
import { type ExecResult, followExec } from "./exec.ts";
import { GuestProcess, killOnAbort } from "./guest-process.ts";
import { checkExec, checkSpawn, type ExecOptions, execRequest, type SpawnOptions, spawnRequest } from "./options.ts";

/** Asks the guest for a process, when the machine is up. */
export type StartProcess = (request: SpawnRequest) => Promise<ProcessChannel>;

/** Runs a shell command to its end; see `MachineSession.exec`. */
export async function runCommand(start: StartProcess, command: string, options: ExecOptions): Promise<ExecResult> {
  checkExec(command, options);
  if (options.signal?.aborted) throw new AbortedError("the command", options.signal.reason);
  const channel = await start(execRequest(command, options));
  const following = followExec(channel, options);
  following.catch(() => {});
  await channel.started;
  return following;
}

/** Starts a process; see `MachineSession.spawn`. */
export async function startProcess(
  start: StartProcess,
  argv: readonly string[],
  options: SpawnOptions,
): Promise<GuestProcess> {
  checkSpawn(argv, options);
  const { signal } = options;
  if (signal?.aborted) throw new AbortedError("the process", signal.reason);
  const channel = await start(spawnRequest(argv, options));
  if (signal) killOnAbort(channel, signal);
  return new GuestProcess(await channel.started, channel);
}
