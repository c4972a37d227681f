import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Benchmark } from "../benchmark.ts";
import { compiled, relayMain } from "../host/paths.ts";
import { progress } from "../progress.ts";
import { Series, type Unit } from "../report.ts";
import { download, loadedEcho, rawDownload, upload } from "./loads.ts";
import { PORTS } from "./ports.ts";
import { ServerProcess } from "./process.ts";

const plainPort = (line: string) => /^port (\d+)$/.exec(line)?.[1];
const startedPort = (line: string) => (line.includes('"relay-started"') ? /"port":(\d+)/.exec(line)?.[1] : undefined);
const script = (name: string) => join(compiled, "relay", name);

const limits = { connections: 100, streamsPerConnection: 1000, connectsPerMinute: 1_000_000 };
const config = {
  listen: { port: 0 },
  operations: null,
  auth: { anonymous: true },
  policy: { allowAddresses: [{ range: "127.0.0.1", ports: Object.values(PORTS), loopback: true }] },
  limits: { anonymous: limits },
};

interface Case {
  readonly name: string;
  readonly unit: Unit;
  readonly measure: (url: string) => Promise<number>;
}

const cases: readonly Case[] = [
  { name: "down-1", unit: "MB/s", measure: (url) => download(url, 1) },
  { name: "down-100", unit: "MB/s", measure: (url) => download(url, 100) },
  { name: "up-1", unit: "MB/s", measure: (url) => upload(url, 1) },
  { name: "up-100", unit: "MB/s", measure: (url) => upload(url, 100) },
  { name: "rtt-loaded", unit: "ms", measure: loadedEcho },
];

/** How fast our relay passes bytes on. */
export const relay: Benchmark = {
  summary: "MB/s, delay and memory of the relay, against wisp-js's server and a bare pipe in Node",
  defaultRuns: 5,
  async run(runs) {
    const raw = new Series("down-1-raw", "MB/s");
    const rows = cases.map(({ name, unit }) => new Series(name, unit));
    const rss = new Series("rss", "bytes");
    const directory = mkdtempSync(join(tmpdir(), "warmboot-bench-relay-"));
    const configFile = join(directory, "relay.json");
    writeFileSync(configFile, JSON.stringify(config));
    const upstream = await ServerProcess.start([script("upstream.js")], plainPort);
    const pipe = await ServerProcess.start([script("raw-pipe.js")], plainPort);
    try {
      // Run 0 warms up and does not count.
      for (let run = 0; run <= runs; run++) {
        const ours = await ServerProcess.start([relayMain, configFile], startedPort);
        const theirs = await ServerProcess.start([script("wisp-js-server.js")], plainPort);
        const through = await rawDownload(pipe.port);
        const results: [number, number][] = [];
        try {
          for (const { measure } of cases) results.push(await inTurns(measure, ours, theirs, run % 2 === 1));
          if (run > 0) rss.ours.push(ours.peakRss());
          if (run > 0) rss.baseline.push(theirs.peakRss());
        } finally {
          await Promise.all([ours.stop(), theirs.stop()]);
        }
        progress(
          `run ${run}: raw ${through.toFixed(0)}; ${cases.map(({ name }, index) => `${name} ${results[index]?.map((each) => each.toFixed(1)).join(" | ")}`).join(", ")}`,
        );
        if (run === 0) continue;
        results.forEach(([our, their], index) => {
          // An echo beside a download that stands still is no echo under load.
          if (Number.isNaN(our) || Number.isNaN(their)) return;
          rows[index]?.ours.push(our);
          rows[index]?.baseline.push(their);
        });
        raw.ours.push(results[0]?.[0] ?? Number.NaN);
        raw.baseline.push(through);
      }
    } finally {
      await Promise.all([upstream.stop(), pipe.stop()]);
      rmSync(directory, { recursive: true, force: true });
    }
    return [raw, ...rows, rss].filter(({ ours }) => ours.length > 0);
  },
};

/** WHY one case after the other and not one server after the other: what else the computer does for some seconds meets both. */
async function inTurns(
  measure: Case["measure"],
  ours: ServerProcess,
  theirs: ServerProcess,
  theirsFirst: boolean,
): Promise<[number, number]> {
  const our = () => measure(`http://127.0.0.1:${ours.port}/wisp/`);
  const their = () => measure(`http://127.0.0.1:${theirs.port}/`);
  if (!theirsFirst) return [await our(), await their()];
  const second = await their();
  return [await our(), second];
}
