import { randomBytes } from "node:crypto";
import { encodeFrame, Frame, FrameReader, helloPayload, loginShellPayload } from "./link.ts";
import { Machine, type MachineFiles } from "./machine.ts";

const CHANNEL = 1;

export interface Milestone {
  /** Milliseconds since the machine was made. */
  readonly ms: number;
  readonly instructions: number;
}

/** When a boot got where. */
export interface BootTimes {
  /** The kernel printed its first line. */
  readonly kernel: Milestone;
  /** The agent answered. */
  readonly agent: Milestone;
  /** A login shell printed its prompt. */
  readonly prompt: Milestone;
}

/** Boots an image until a login shell on a terminal has printed its prompt. @throws Error with the kernel log's end. */
export async function bootToShell(
  files: MachineFiles,
  timeoutMs = 60_000,
): Promise<{ machine: Machine; times: BootTimes }> {
  const start = performance.now();
  const machine = new Machine(files);
  const reached: Partial<Record<keyof BootTimes, Milestone>> = {};
  const mark = (name: keyof BootTimes) => {
    reached[name] ??= { ms: Math.round(performance.now() - start), instructions: machine.instructions };
  };
  const kernelLine = machine.console(/./, timeoutMs).then(() => mark("kernel"));

  const reader = new FrameReader();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new Error(`no prompt within ${timeoutMs / 1000} s; the kernel log ends with:\n${machine.log.slice(-2000)}`),
        ),
      timeoutMs,
    );
    let output = "";
    machine.onPort((bytes) => {
      for (const { type, payload } of reader.push(bytes)) {
        if (type === Frame.ANNOUNCE) machine.sendPort(encodeFrame(Frame.HELLO, 0, helloPayload(randomBytes(32))));
        if (type === Frame.READY) {
          mark("agent");
          machine.sendPort(encodeFrame(Frame.SPAWN, CHANNEL, loginShellPayload()));
        }
        if (type === Frame.SPAWN_FAILED || type === Frame.ERROR) {
          clearTimeout(timer);
          reject(new Error(`the agent reports: ${payload.subarray(4).toString("utf8")}`));
        }
        if (type === Frame.STDOUT) output += payload.toString("utf8");
        // WHY: the prompt of our own .bashrc, with colours; a kernel message never looks like it.
        // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours are control characters.
        if (type === Frame.STDOUT && /root@warmboot\x1b\[0m:.*# $/.test(output)) {
          mark("prompt");
          clearTimeout(timer);
          resolve();
        }
      }
    });
  });
  await kernelLine;
  const { kernel, agent, prompt } = reached;
  if (!kernel || !agent || !prompt)
    throw new Error("a shell answered before the kernel printed or the agent was ready");
  return { machine, times: { kernel, agent, prompt } };
}
