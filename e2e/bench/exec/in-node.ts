import type { KernelSession } from "warmboot";
import type { ExecSubject } from "./subject.ts";

export function nodeSubject(session: KernelSession): ExecSubject {
  return {
    async execs(count) {
      const times: number[] = [];
      for (let i = 0; i < count; i++) {
        const started = performance.now();
        const { exitCode } = await session.exec("true");
        times.push(performance.now() - started);
        if (exitCode !== 0) throw new Error(`true exited with ${exitCode}`);
      }
      return times;
    },
    script: async (text) => (await session.exec(text, { shell: "/bin/bash" })).stdout,
  };
}
