import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Benchmark } from "../benchmark.ts";
import { compiled, relayMain } from "../host/paths.ts";
import { progress } from "../progress.ts";
import { Series } from "../report.ts";
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

/** How fast our relay passes bytes on. */
export const relay: Benchmark = {
  summary: "MB/s, delay and memory of the relay, against wisp-js's server and a bare pipe in Node",
  defaultRuns: 5,
  async run(runs) {
    const rows = {
      raw: new Series("down-1-raw", "MB/s"),
      down1: new Series("down-1", "MB/s"),
      down100: new Series("down-100", "MB/s"),
      up1: new Series("up-1", "MB/s"),
      up100: new Series("up-100", "MB/s"),
      echo: new Series("rtt-loaded", "ms"),
      rss: new Series("rss", "bytes"),
    };
    const directory = mkdtempSync(join(tmpdir(), "warmboot-bench-relay-"));
    const configFile = join(directory, "relay.json");
    writeFileSync(configFile, JSON.stringify(config));
    const upstream = await ServerProcess.start([script("upstream.js")], plainPort);
    const pipe = await ServerProcess.start([script("raw-pipe.js")], plainPort);
    try {
      // Run 0 warms up and does not count.
      for (let run = 0; run <= runs; run++) {
        const ours = await measure(await ServerProcess.start([relayMain, configFile], startedPort), "wisp/");
        const theirs = await measure(await ServerProcess.start([script("wisp-js-server.js")], plainPort), "");
        const raw = await rawDownload(pipe.port);
        progress(
          `run ${run}: raw ${raw.toFixed(0)}; ours ${ours.map((each) => each.toFixed(1)).join(" ")}; wisp-js ${theirs.map((each) => each.toFixed(1)).join(" ")}`,
        );
        if (run === 0) continue;
        const series = [rows.down1, rows.down100, rows.up1, rows.up100, rows.echo, rows.rss];
        series.forEach((each, index) => {
          const [our, their] = [ours[index] ?? Number.NaN, theirs[index] ?? Number.NaN];
          // An echo beside a download that stands still is no echo under load.
          if (Number.isNaN(our) || Number.isNaN(their)) return;
          each.ours.push(our);
          each.baseline.push(their);
        });
        rows.raw.ours.push(ours[0]);
        rows.raw.baseline.push(raw);
      }
    } finally {
      await Promise.all([upstream.stop(), pipe.stop()]);
      rmSync(directory, { recursive: true, force: true });
    }
    return Object.values(rows).filter(({ ours }) => ours.length > 0);
  },
};

/** All cases on one server, which is new, and gone afterwards. */
async function measure(server: ServerProcess, path: string): Promise<[number, number, number, number, number, number]> {
  const url = `http://127.0.0.1:${server.port}/${path}`;
  try {
    return [
      await download(url, 1),
      await download(url, 100),
      await upload(url, 1),
      await upload(url, 100),
      await loadedEcho(url),
      server.peakRss(),
    ];
  } finally {
    await server.stop();
  }
}
