/** Much data, and many connections. */
import { expect, it } from "vitest";
import { hashOf } from "./support/content.ts";
import { PORT } from "./support/services.ts";
import { setUp } from "./support/set-up.ts";

const SIZE = Number(process.env["WARMBOOT_TRANSFER_MB"] ?? 32) * 1e6;
const CONNECTIONS = 200;

const at = setUp();

/** Says how fast it was; nothing depends on it. */
async function timed<T>(what: string, work: Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work;
  const seconds = (performance.now() - start) / 1000;
  console.log(`${what}: ${SIZE / 1e6} MB in ${seconds.toFixed(1)} s, ${(SIZE / 1e6 / seconds).toFixed(1)} MB/s`);
  return result;
}

it(`downloads ${SIZE / 1e6} MB unharmed`, async () => {
  const output = await timed("download", at.guest.run(`curl -sSf http://site.example/bytes/${SIZE} | sha256sum`));
  expect(output).toBe(`${hashOf(SIZE)}  -\n`);
});

it(`uploads ${SIZE / 1e6} MB unharmed`, async () => {
  // No two blocks are the same.
  const program = `
import hashlib, os, sys
block, left, hash = os.urandom(65536), ${SIZE}, hashlib.sha256()
while left:
    piece = (left.to_bytes(4, "little") + block[4:])[:left]
    left -= len(piece)
    hash.update(piece)
    sys.stdout.buffer.write(piece)
open("/root/hash", "w").write(hash.hexdigest())`;
  const command = `python3 -c '${program}' | curl -sSf -T - http://site.example/upload`;
  const answer = await timed("upload", at.guest.run(command));
  expect(answer).toBe(`${SIZE} ${await at.guest.run("cat /root/hash")}\n`);
});

it(`${CONNECTIONS} connections at once are all answered`, async () => {
  const program = `
import asyncio
async def main():
    ends = await asyncio.gather(*[asyncio.open_connection("services.example", ${PORT.echo}) for _ in range(${CONNECTIONS})])
    async def one(i, reader, writer):
        message = (b"%d " % i) * (i + 1)
        writer.write(message)
        await writer.drain()
        return await reader.readexactly(len(message)) == message
    print(sum(await asyncio.gather(*[one(i, *end) for i, end in enumerate(ends)])))
    for _, writer in ends: writer.close()
asyncio.run(main())`;
  expect(await at.guest.python(program)).toBe(`${CONNECTIONS}\n`);
  expect(at.lab.services.mostAtOnce).toBeGreaterThanOrEqual(CONNECTIONS);
});
