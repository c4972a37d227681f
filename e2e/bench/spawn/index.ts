import { join } from "node:path";
import { KernelSession } from "warmboot";
import type { Benchmark } from "../benchmark.ts";
import { nodeSubject } from "../exec/in-node.ts";
import { forkExecs } from "../exec/subject.ts";
import { openImage } from "../host/image.ts";
import { progress } from "../progress.ts";
import { Series } from "../report.ts";

const PROCESSES = 320;
const AT_ONCE = 16;

/** How many processes a second can be started and waited for, in a warm machine. */
export const spawn: Benchmark = {
  summary:
    'processes a second through spawn(["true"]), one after another and 16 at once, against fork and exec inside the guest',
  defaultRuns: 3,
  async run(runs) {
    const single = new Series("processes-per-second", "1/s");
    const many = new Series(`processes-per-second-${AT_ONCE}`, "1/s");
    const session = await KernelSession.boot({ image: join(openImage().directory, "image.json") });
    try {
      // Run 0 warms up and does not count.
      for (let run = 0; run <= runs; run++) {
        const one = await spawnRate(session, 1);
        const inside = await insideRate(session);
        const sixteen = await spawnRate(session, AT_ONCE);
        progress(
          `run ${run}: ${one.toFixed(0)} processes a second, ${AT_ONCE} at once ${sixteen.toFixed(0)}, inside the guest ${inside.toFixed(0)}`,
        );
        if (run === 0) continue;
        single.ours.push(one);
        single.baseline.push(inside);
        many.ours.push(sixteen);
        many.baseline.push(inside);
      }
    } finally {
      await session.close();
    }
    return [single, many];
  },
};

async function spawnRate(session: KernelSession, atOnce: number): Promise<number> {
  const started = performance.now();
  const chain = async () => {
    for (let i = 0; i < PROCESSES / atOnce; i++) {
      const { exitCode } = await (await session.spawn(["true"])).exit;
      if (exitCode !== 0) throw new Error(`true exited with ${exitCode}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, chain));
  return (PROCESSES * 1000) / (performance.now() - started);
}

async function insideRate(session: KernelSession): Promise<number> {
  const times = await forkExecs(nodeSubject(session), PROCESSES);
  return (PROCESSES * 1000) / times.reduce((sum, ms) => sum + ms, 0);
}
