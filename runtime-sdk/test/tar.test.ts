import { afterAll, beforeAll, expect, it } from "vitest";
import type { KernelSession, TarError } from "warmboot";
import { boot, readAll, rejection } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
});
afterAll(() => session?.close());

const run = async (command: string) => {
  const result = await session.exec(command, { shell: "/bin/bash" });
  expect(result.exitCode, result.stderr).toBe(0);
  return result.stdout;
};

/** Names, types, modes, owners, link targets, link counts and contents of a tree, as text. */
const describeTree = (path: string) =>
  run(
    `cd ${path} && find . -printf '%p %y %m %U %G %l %n\\n' | sort && find . -type f | sort | xargs -d '\\n' sha256sum`,
  );

it("brings 500 files out and in again, with modes, owners and links", async () => {
  await run(`mkdir -p /dev/shm/src/{a,b}/c && cd /dev/shm/src
    for ((i = 0; i < 500; i++)); do echo "content $i" > "a/c/file $i"; done
    chmod 4755 'a/c/file 1'; chmod 1777 b; chmod 600 'a/c/file 2'; chown 1234:2345 'a/c/file 3' b/c
    ln 'a/c/file 4' b/hard; ln -s ../a/c b/soft; ln -s nowhere broken; mkfifo fifo; touch "$(printf 'caf\\351')"`);
  const archive = await readAll(await session.files.packTar("/dev/shm/src"));
  await session.files.unpackTar(archive, "/dev/shm/new/place");
  expect(await describeTree("/dev/shm/new/place")).toBe(await describeTree("/dev/shm/src"));
  expect(Number(await run("find /dev/shm/new/place -type f | wc -l"))).toBe(502);
});

it("takes and gives streams, as another user and in the user's home", async () => {
  await session.files.mkdir("/home/user/out", { user: "user" });
  await session.files.write("/home/user/out/mine", "x", { user: "user", mode: 0o640 });
  await session.files.unpackTar(await session.files.packTar("out", { user: "user" }), "copy", { user: "user" });
  expect(await run("stat -c '%U %a' /home/user/copy/mine")).toBe("user 640\n");
});

it("says what tar said when it fails", async () => {
  const missing = (await rejection(readAll(await session.files.packTar("/no/such")))) as TarError;
  expect(missing).toMatchObject({ code: "tar-failed", path: "/no/such", exitCode: 2 });
  expect(missing.stderr).toContain("No such file");
  const archive = await readAll(await session.files.packTar("/etc"));
  const cut = (await rejection(
    session.files.unpackTar(archive.subarray(0, archive.length >> 1), "/tmp/cut"),
  )) as TarError;
  expect(cut).toMatchObject({ code: "tar-failed", exitCode: 2 });
  expect(cut.stderr).toContain("Unexpected EOF");
  const noise = new Uint8Array(100_000).fill(65);
  expect(await rejection(session.files.unpackTar(noise, "/tmp/noise"))).toMatchObject({ code: "tar-failed" });
  expect(await rejection(session.files.unpackTar(archive, "/etc/x", { user: "user" }))).toMatchObject({
    code: "file-failed",
    errnoName: "EACCES",
  });
});

it("ends tar when it is cancelled, aborted or takes too long", async () => {
  await run("head -c 20000000 /dev/zero > /dev/shm/zeros; mkdir /dev/shm/big; mv /dev/shm/zeros /dev/shm/big");
  const tars = async () => Number((await session.exec("pgrep -c -x tar")).stdout);
  await (await session.files.packTar("/dev/shm/big")).cancel();
  await expect.poll(tars).toBe(0);
  const abort = new AbortController();
  const packing = await session.files.packTar("/dev/shm/big", { signal: abort.signal });
  abort.abort(new Error("enough"));
  expect(await rejection(readAll(packing))).toMatchObject({ code: "aborted" });
  const endless = () => new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  expect(await rejection(session.files.unpackTar(endless(), "/tmp/slow", { timeoutMs: 500 }))).toMatchObject({
    code: "timed-out",
  });
  const unpacking = rejection(session.files.unpackTar(endless(), "/tmp/slow", { signal: AbortSignal.timeout(500) }));
  expect(await unpacking).toMatchObject({ code: "aborted" });
  await expect.poll(tars).toBe(0);
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.error(new Error("the source broke")),
  });
  expect((await rejection(session.files.unpackTar(broken, "/tmp/slow"))).message).toBe("the source broke");
  await expect.poll(tars).toBe(0);
});
