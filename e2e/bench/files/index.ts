import { createHash, randomFillSync } from "node:crypto";
import { join } from "node:path";
import { KernelSession } from "warmboot";
import type { Benchmark } from "../benchmark.ts";
import { openImage, plainConfig } from "../host/image.ts";
import { progress } from "../progress.ts";
import { Series } from "../report.ts";
import { PlainThread } from "./plain-machine.ts";

/** 64 MB. */
const SIZE = 64_000_000;
const FILES = 2000;
const FILE = "/tmp/bench/file";

const rate = (ms: number): number => SIZE / 1000 / ms;
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Files in and out, large ones and many small ones. Two machines in threads of one Node take turns; the other one idles. */
export const files: Benchmark = {
  summary: "64 MB and a tar of 2,000 files, in and out, against the bare virtio console and tar inside the guest",
  defaultRuns: 3,
  async run(runs) {
    const image = openImage();
    const plain = await PlainThread.boot(plainConfig(image, ({ directory, file }) => join(directory, file)));
    const session = await KernelSession.boot({ image: join(image.directory, "image.json") });
    try {
      return [...(await measureLarge(session, plain, runs)), ...(await measureTar(session, runs))];
    } finally {
      await session.close();
      await plain.end();
    }
  },
};

/** Runs a bash script in the guest. */
async function guest(session: KernelSession, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await session.exec(script, { shell: "/bin/bash" });
  if (exitCode !== 0) throw new Error(`the guest failed: ${stderr}`);
  return stdout;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const started = performance.now();
  const result = await work();
  return { ms: performance.now() - started, result };
}

async function measureLarge(session: KernelSession, plain: PlainThread, runs: number): Promise<Series[]> {
  const write = new Series("write-64m", "MB/s");
  const read = new Series("read-64m", "MB/s");
  await guest(session, "mkdir -p /tmp/bench && mount -t tmpfs none /tmp/bench");
  const bytes = randomFillSync(new Uint8Array(SIZE));
  const hash = sha256(bytes);
  // Run 0 warms up and does not count.
  for (let run = 0; run <= runs; run++) {
    const ourWrite = await timed(() => session.files.write(FILE, bytes));
    const plainWrite = await plain.write(bytes);
    const ourRead = await timed(() => session.files.read(FILE));
    const plainRead = await plain.read(SIZE);
    const inGuest = (await guest(session, `sha256sum ${FILE}`)).slice(0, 64);
    if (new Set([hash, inGuest, sha256(ourRead.result), plainWrite.hash]).size !== 1)
      throw new Error("other bytes came than were sent");
    const pair = (ours: number, theirs: number) => `${rate(ours).toFixed(1)} (plain ${rate(theirs).toFixed(1)}) MB/s`;
    progress(`run ${run}: write ${pair(ourWrite.ms, plainWrite.ms)}, read ${pair(ourRead.ms, plainRead.ms)}`);
    if (run === 0) continue;
    write.ours.push(rate(ourWrite.ms));
    write.baseline.push(rate(plainWrite.ms));
    read.ours.push(rate(ourRead.ms));
    read.baseline.push(rate(plainRead.ms));
  }
  await session.files.remove(FILE);
  return [write, read];
}

/** Ms that a command takes by the guest's own clock. */
async function guestMs(session: KernelSession, command: string): Promise<number> {
  const script = `s=\${EPOCHREALTIME/./}; ${command} || exit 1; e=\${EPOCHREALTIME/./}; echo $((e - s))`;
  return Number(await guest(session, script)) / 1000;
}

async function measureTar(session: KernelSession, runs: number): Promise<Series[]> {
  const into = new Series(`tar-in-${FILES}`, "ms");
  const out = new Series(`tar-out-${FILES}`, "ms");
  // 1 to 40 lines of 100 bytes each, in 20 directories.
  const line = "0123456789".repeat(10).slice(1);
  await guest(
    session,
    `mkdir -p /tmp/bench/src/{1..20} && cd /tmp/bench/src && for ((i = 0; i < ${FILES}; i++)); do
       for ((k = 0; k <= i % 40; k++)); do echo ${line}; done > $((i % 20 + 1))/file$i; done`,
  );
  for (let run = 0; run <= runs; run++) {
    const packed = await timed(async () => {
      const stream = await session.files.packTar("/tmp/bench/src");
      return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
    });
    const packedInside = await guestMs(session, "tar -cf /tmp/bench/inside.tar --numeric-owner -C /tmp/bench/src .");
    const unpacked = await timed(() => session.files.unpackTar(packed.result, "/tmp/bench/ours"));
    await guest(session, "mkdir /tmp/bench/inside");
    const inside = await guestMs(session, "tar -xpf /tmp/bench/inside.tar --numeric-owner -C /tmp/bench/inside");
    await guest(session, "cd /tmp/bench && diff -r src ours && diff -r src inside && rm -r ours inside inside.tar");
    const pair = (ours: number, theirs: number) => `${ours.toFixed(0)} (inside ${theirs.toFixed(0)}) ms`;
    progress(`run ${run}: tar in ${pair(unpacked.ms, inside)}, out ${pair(packed.ms, packedInside)}`);
    if (run === 0) continue;
    into.ours.push(unpacked.ms);
    into.baseline.push(inside);
    out.ours.push(packed.ms);
    out.baseline.push(packedInside);
  }
  return [into, out];
}
