import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { KernelSession } from "warmboot";
import type { Benchmark } from "../benchmark.ts";
import { openImage, plainConfig } from "../host/image.ts";
import { compiled } from "../host/paths.ts";
import { progress } from "../progress.ts";
import { Series } from "../report.ts";
import { PlainNetworkThread } from "./plain-thread.ts";

/** 48 MB. */
const SIZE = 48_000_000;
/** Runs that do not count: v86 compiles what has run for a while. */
const WARM_UP = 3;
const ADDRESS = "203.0.113.80";
/** What the baseline's adapter is measured with: what it has by itself, and what suits it best. */
const MTUS = [1500, 9000] as const;

interface Machine {
  /** Runs a command that prints a number; ms until that is there. */
  run(command: string): Promise<{ readonly ms: number; readonly number: number }>;
}

/** HTTP in the guest, by the same relay. Machines in threads of one Node take turns; the others idle. */
export const download: Benchmark = {
  summary: "48 MB down and up by curl and wisp-js's relay, against v86's own adapter with an MTU of 1500 and of 9000",
  defaultRuns: 3,
  async run(runs) {
    const image = openImage();
    const server = fork(join(compiled, "download/server.js"));
    const machines: { end(): Promise<void> }[] = [];
    try {
      const { files, relay } = await addressesOf(server);
      const session = await KernelSession.boot({
        image: join(image.directory, "image.json"),
        network: { relay: `ws://127.0.0.1:${relay}/` },
      });
      machines.push({ end: () => session.close() });
      const config = plainConfig(image, ({ directory, file }) => join(directory, file));
      const plain: PlainNetworkThread[] = [];
      for (const mtu of MTUS) {
        const thread = await PlainNetworkThread.boot(config, `wisp://127.0.0.1:${relay}/`, mtu);
        plain.push(thread);
        machines.push(thread);
      }
      return await measure(machineOf(session), plain, `http://${ADDRESS}:${files}`, runs);
    } finally {
      for (const machine of machines) await machine.end();
      server.kill();
    }
  },
};

async function addressesOf(server: ChildProcess): Promise<{ readonly files: number; readonly relay: number }> {
  const [addresses] = await once(server, "message");
  return addresses;
}

function machineOf(session: KernelSession): Machine {
  return {
    async run(command) {
      const started = performance.now();
      const { stdout, stderr } = await session.exec(command);
      if (stdout === "") throw new Error(`the guest failed: ${stderr}`);
      return { ms: performance.now() - started, number: Number(stdout) };
    },
  };
}

async function measure(ours: Machine, plain: readonly Machine[], url: string, runs: number): Promise<Series[]> {
  const commands = {
    down: `curl -s -o /dev/null -w '%{size_download}' ${url}/${SIZE}`,
    up: `head -c ${SIZE} /dev/zero | curl -s -T - ${url}/`,
  };
  const all: Series[] = [];
  for (const [direction, command] of Object.entries(commands)) {
    const series = MTUS.map((mtu) => new Series(`${direction}-against-mtu-${mtu}`, "MB/s"));
    for (let run = 1 - WARM_UP; run <= runs; run++) {
      const our = await rate(ours, command);
      const theirs: number[] = [];
      for (const machine of plain) theirs.push(await rate(machine, command));
      progress(
        `run ${run}: ${direction} ${our.toFixed(1)} MB/s, plain ${theirs.map((x) => x.toFixed(1)).join(" and ")}`,
      );
      if (run < 1) continue;
      for (const [i, each] of series.entries()) {
        each.ours.push(our);
        each.baseline.push(theirs[i] ?? Number.NaN);
      }
    }
    all.push(...series);
  }
  return all;
}

async function rate(machine: Machine, command: string): Promise<number> {
  const { ms, number } = await machine.run(command);
  if (number !== SIZE) throw new Error(`${number} bytes arrived, not ${SIZE}`);
  return SIZE / 1000 / ms;
}
