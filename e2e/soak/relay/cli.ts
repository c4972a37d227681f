/** `npm run soak:relay -- [--cycles N] [--idle N]`: clients come and go, and stay, by the thousand; the relay must be as before. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { relayMain } from "../../bench/host/paths.ts";
import { BenchClient } from "../../bench/relay/client.ts";
import { ServerProcess } from "../../bench/relay/process.ts";

const AT_ONCE = 20;
const WARM_UP_CYCLES = 1000;
const ECHO_PORT = 22_110;
const MIB = 2 ** 20;
/** What the relay may keep of everything that has gone. */
const MAX_GROWTH_BYTES = 32 * MIB;
const SETTLE_MS = 3000;

const { values } = parseArgs({
  options: { cycles: { type: "string", default: "10000" }, idle: { type: "string", default: "2000" } },
});
const cycles = Number(values.cycles);
const idle = Number(values.idle);
if (!(cycles > 0) || !(idle > 0)) {
  console.error("Usage: npm run soak:relay -- [--cycles N] [--idle N]");
  process.exit(2);
}

const echo = createServer((socket) => socket.on("error", () => {}).pipe(socket));
await new Promise<void>((resolve) => echo.listen(ECHO_PORT, "127.0.0.1", resolve));
const directory = mkdtempSync(join(tmpdir(), "warmboot-soak-relay-"));
const limits = { connections: idle + 100, streamsPerConnection: 100, connectsPerMinute: 10_000_000 };
writeFileSync(
  join(directory, "relay.json"),
  JSON.stringify({
    listen: { port: 0 },
    operations: null,
    auth: { anonymous: true },
    policy: { allowAddresses: [{ range: "127.0.0.1", ports: [ECHO_PORT], loopback: true }] },
    limits: { anonymous: limits, address: { sockets: idle + 100, attemptsPerMinute: 10_000_000 } },
  }),
);
const relay = await ServerProcess.start([relayMain, join(directory, "relay.json")], (line) =>
  line.includes('"relay-started"') ? /"port":(\d+)/.exec(line)?.[1] : undefined,
);
const url = `http://127.0.0.1:${relay.port}/wisp/`;

/** Comes, has one byte echoed, and goes: every second time without a word. */
async function cycle(index: number): Promise<void> {
  const client = await BenchClient.open(url);
  await new Promise<void>((resolve) => {
    const id = client.open(ECHO_PORT, {
      onData: () => {
        if (index % 2 === 0) client.closeStream(id);
        resolve();
      },
    });
    client.send(id, Uint8Array.of(index & 255));
  });
  await client.close();
}

async function run(count: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await cycle(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const state = () => ({ rss: relay.rss(), descriptors: relay.descriptors() });
const show = (name: string, { rss, descriptors }: ReturnType<typeof state>) =>
  console.log(
    `${name.padEnd(44)}${(rss / MIB).toFixed(1).padStart(8)} MiB ${String(descriptors).padStart(6)} descriptors`,
  );

try {
  await run(WARM_UP_CYCLES);
  await sleep(SETTLE_MS);
  const before = state();
  show(`after ${WARM_UP_CYCLES} cycles to warm up`, before);

  // WHY before the cycles: they leave room in the heap in which the clients would seem to cost nothing.
  const clients: BenchClient[] = [];
  while (clients.length < idle)
    clients.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => BenchClient.open(url)))));
  await sleep(SETTLE_MS);
  const busy = state();
  show(`with ${clients.length} idle clients`, busy);
  console.log(`${((busy.rss - before.rss) / clients.length / 1024).toFixed(1)} KiB a client`);
  const probe = performance.now();
  await cycle(0);
  console.log(`one more client was served in ${(performance.now() - probe).toFixed(1)} ms`);
  await Promise.all(clients.map((client) => client.close()));
  await sleep(SETTLE_MS);
  const gone = state();
  show("when they have gone", gone);

  const started = performance.now();
  await run(cycles);
  const seconds = (performance.now() - started) / 1000;
  await sleep(SETTLE_MS);
  const after = state();
  show(`after ${cycles} cycles (${(cycles / seconds).toFixed(0)} a second)`, after);
  show("the most at any time", { rss: relay.peakRss(), descriptors: busy.descriptors });

  const kept = Math.max(after.descriptors, gone.descriptors) - before.descriptors;
  const grown = after.rss - gone.rss;
  const passed = kept <= 2 && grown <= MAX_GROWTH_BYTES;
  console.log(
    passed ? "passed" : `FAILED: ${kept} descriptors and ${(grown / MIB).toFixed(1)} MiB were not given back`,
  );
  process.exitCode = passed ? 0 : 1;
} finally {
  await relay.stop();
  echo.close();
  rmSync(directory, { recursive: true });
}
