import { afterAll, beforeAll, expect, it } from "vitest";
import type { KernelSession } from "warmboot";
import { failsWith, openHandles, run as runIn } from "./support/files.ts";
import { boot, readAll, rejection } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
  await session.exec("mkdir /root/t && mkfifo /root/t/fifo && echo t > /root/target");
});
afterAll(() => session?.close());

const run = (command: string) => runIn(session, command);
const handles = () => openHandles(session);

const MB = 2 ** 20;
it("names the operation, the path and the guest's error", async () => {
  const error = await rejection(session.files.read("/no/such file"));
  expect(error).toMatchObject({
    code: "file-failed",
    operation: "read",
    path: "/no/such file",
    errno: 2,
    errnoName: "ENOENT",
  });
  expect(error.message).toBe('read "/no/such file" failed: No such file or directory (ENOENT)');
});

it.each([
  ["reading a directory", () => session.files.read("/root"), "EISDIR"],
  ["writing a directory", () => session.files.write("/root", ""), "EISDIR"],
  ["listing a file", () => session.files.list("/etc/passwd"), "ENOTDIR"],
  ["a file as a directory", () => session.files.stat("/etc/passwd/x"), "ENOTDIR"],
  ["a name that is too long", () => session.files.write(`/root/${"n".repeat(256)}`, ""), "ENAMETOOLONG"],
  ["a FIFO without a reader", () => session.files.write("/root/t/fifo", "x"), "ENXIO"],
])("%s", async (_what, work, errnoName) => failsWith(work(), errnoName));

it("a full file system", async () => {
  await run("mkdir /root/t/small && mount -t tmpfs -o size=1m none /root/t/small");
  await failsWith(session.files.write("/root/t/small/f", new Uint8Array(2 * MB)), "ENOSPC");
  expect(await handles()).toBe(0);
  const writer = (await session.files.writable("/root/t/small/g")).getWriter();
  const failure = rejection(
    (async () => {
      for (;;) await writer.write(new Uint8Array(65536));
    })(),
  );
  expect(await failure).toMatchObject({ errnoName: "ENOSPC" });
  expect(await handles()).toBe(0);
  expect((await session.files.space("/root/t/small")).totalBytes).toBe(MB);
  await run("umount /root/t/small");
});

it("an abort and a time-out leave no open file, and the server goes on", async () => {
  const zeros = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65536)) });
  const abort = new AbortController();
  const writing = rejection(session.files.write("/dev/null", zeros(), { signal: abort.signal }));
  await expect.poll(handles).toBe(1);
  abort.abort(new Error("enough"));
  expect(await writing).toMatchObject({ code: "aborted" });
  expect(await rejection(session.files.read("/dev/zero", { timeoutMs: 500 }))).toMatchObject({
    code: "timed-out",
    timeoutMs: 500,
  });
  const stream = await session.files.readable("/dev/zero", { signal: AbortSignal.timeout(300) });
  expect(await rejection(readAll(stream))).toMatchObject({ code: "aborted" });
  const sink = await session.files.writable("/dev/null", { signal: AbortSignal.timeout(300) });
  expect(await rejection(zeros().pipeTo(sink))).toMatchObject({ code: "aborted" });
  expect(await rejection(session.files.stat("/", { signal: AbortSignal.abort() }))).toMatchObject({
    code: "aborted",
  });
  await expect.poll(handles).toBe(0);
  expect(await session.files.readText("/root/target")).toBe("t\n");
});

it("a server that is killed: what was under way rejects, the next call has a new one", async () => {
  const reading = rejection(session.files.read("/dev/zero"));
  await expect.poll(handles).toBe(1);
  const pkill = await session.spawn(["pkill", "-9", "-f", "warmboot-agent files"]);
  await pkill.exit;
  expect(await reading).toMatchObject({ code: "file-failed", errnoName: "ECONNRESET", path: "/dev/zero" });
  expect(await session.files.readText("/root/target")).toBe("t\n");
  expect(await handles()).toBe(0);
});

it("a user who is not there", async () => {
  expect(await rejection(session.files.stat("/", { user: "nobody-here" }))).toMatchObject({
    code: "spawn-failed",
    stage: "user",
  });
});

it.each([
  ["path", () => session.files.read("")],
  ["path", () => session.files.read("a\0b")],
  ["path", () => session.files.stat("x".repeat(5000))],
  ["path", () => session.files.stat("\ud83c")],
  ["path", () => session.files.stat(undefined as unknown as string)],
  ["to", () => session.files.rename("a", "")],
  ["target", () => session.files.symlink("", "a")],
  ["user", () => session.files.stat("/", { user: "a\0" })],
  ["timeoutMs", () => session.files.stat("/", { timeoutMs: 0 })],
  ["recursiv", () => session.files.remove("/", { recursiv: true } as object)],
  ["mode", () => session.files.write("a", "", { mode: 0o10000 })],
  ["mode", () => session.files.chmod("a", undefined as unknown as number)],
  ["data", () => session.files.write("a", 5 as unknown as string)],
  ["owner", () => session.files.chown("a", "")],
  ["group", () => session.files.chown("a", null, -1)],
  ["atime", () => session.files.utimes("a", Number.NaN, 0)],
  ["size", () => session.files.truncate("a", -1)],
  ["offset", () => session.files.readable("a", { offset: -1 })],
  ["length", () => session.files.readable("a", { length: 0.5 })],
  ["maxBytes", () => session.files.read("a", { maxBytes: -1 })],
])("a bad %s is refused at once", async (option, work) => {
  expect(await rejection(work())).toMatchObject({ code: "invalid-option", option });
});

it("a closed session", async () => {
  const other = await boot();
  const reading = rejection(other.files.read("/dev/zero"));
  await other.files.stat("/");
  await other.close();
  expect(await reading).toMatchObject({ code: "session-closed" });
  expect(await rejection(other.files.stat("/"))).toMatchObject({ code: "session-closed" });
});

it("a reboot: what was under way rejects, and files are served again after it", async () => {
  const other = await boot();
  await other.files.write("/root/kept", "kept");
  const reading = rejection(other.files.read("/dev/zero"));
  await other.files.stat("/");
  await other.reboot();
  expect(await reading).toMatchObject({ code: "machine-restarted" });
  expect(await other.files.readText("/root/kept")).toBe("kept");
  await other.close();
});
