import { type GuestProcess, KernelSession } from "warmboot";
import type { SoakMachine } from "./machine.ts";

const BLOCK = 4096;

/** A machine in this process. */
export async function nodeMachine(image: string): Promise<SoakMachine> {
  const session = await KernelSession.boot({ image });
  const shell = await session.openTerminal({ argv: ["sh"] });
  const answers = new Answers(shell);
  const drain = async (process: GuestProcess) => {
    for await (const _bytes of process.stdout as unknown as AsyncIterable<Uint8Array>);
  };
  return {
    start: async (script) => {
      const process = await session.spawn(["sh", "-c", script]);
      await process.stdout.cancel();
      await process.stderr.cancel();
    },
    startOnTerminal: async (script) => {
      void drain(await session.openTerminal({ argv: ["sh", "-c", script] })).catch(() => {});
    },
    exec: async (command, timeoutMs) => {
      const result = await session.exec(command, { timeoutMs });
      if (result.exitCode !== 0) throw new Error(`${command}: ${result.timedOut ? "no answer" : result.stderr}`);
      return result.stdout;
    },
    type: (line, answer, timeoutMs) => answers.ask(line, answer, timeoutMs),
    memory: async () => process.memoryUsage.rss(),
    diskBytes: async () => session.figures.ownBlocks * BLOCK,
    close: () => session.close(),
  };
}

/** A shell on a terminal that answers what is typed. */
class Answers {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #text = "";
  #wake = () => {};

  constructor(shell: GuestProcess) {
    this.#writer = shell.stdin.getWriter();
    const decoder = new TextDecoder();
    void (async () => {
      for await (const bytes of shell.stdout as unknown as AsyncIterable<Uint8Array>) {
        this.#text = (this.#text + decoder.decode(bytes, { stream: true })).slice(-4096);
        this.#wake();
      }
    })().catch(() => {});
  }

  async ask(line: string, answer: string, timeoutMs: number): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${line}\n`));
    const end = Date.now() + timeoutMs;
    while (!this.#text.includes(answer)) {
      const left = end - Date.now();
      if (left <= 0) throw new Error(`the terminal did not answer "${line}" in ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 1000));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
