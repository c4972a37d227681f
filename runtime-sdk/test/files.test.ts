import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FileError, KernelSession } from "warmboot";
import { boot, randomBytes, readAll, rejection, sha256 } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
  await session.exec("mkdir /root/t && mkfifo /root/t/fifo && mkdir /home/user/t && chown user: /home/user/t");
});
afterAll(() => session?.close());

const run = async (command: string) => {
  const result = await session.exec(command);
  expect(result.exitCode, result.stderr).toBe(0);
  return result.stdout;
};

/** Descriptors that root's file server has open beyond stdin, stdout and stderr. */
const openHandles = async () => {
  const [pid] = (await run("pgrep -u 0 -x -f '/usr/sbin/warmboot-agent files'")).split("\n");
  return Number(await run(`ls /proc/${pid}/fd | wc -l`)) - 3;
};

const failsWith = async (promise: Promise<unknown>, errnoName: string) => {
  expect(await rejection(promise)).toMatchObject({ code: "file-failed", errnoName });
};

const MB = 2 ** 20;

describe("reading and writing", () => {
  it("writes text, bytes and streams, and reads them back", async () => {
    await session.files.write("/root/t/text", "grüße\n");
    expect(await run("cat /root/t/text")).toBe("grüße\n");
    expect(await session.files.readText("/root/t/text")).toBe("grüße\n");
    await session.files.write("/root/t/text", Uint8Array.of(0, 255, 10));
    expect(await session.files.read("/root/t/text")).toEqual(Uint8Array.of(0, 255, 10));
    await session.files.write("/root/t/text", new Response("streamed").body as ReadableStream<Uint8Array>);
    expect(await run("cat /root/t/text")).toBe("streamed");
    await session.files.write("/root/t/text", "");
    expect((await session.files.read("/root/t/text")).length).toBe(0);
  });

  it("moves 64 MB each way, unharmed", async () => {
    const bytes = randomBytes(64 * MB);
    const hash = await sha256(bytes);
    await session.files.write("/dev/shm/large", bytes);
    expect((await run("sha256sum /dev/shm/large")).slice(0, 64)).toBe(hash);
    expect(await sha256(await session.files.read("/dev/shm/large"))).toBe(hash);
    await run("rm /dev/shm/large");
  });

  it("appends", async () => {
    await session.files.append("/root/t/log", "one\n");
    await session.files.append("/root/t/log", "two\n");
    expect(await run("cat /root/t/log")).toBe("one\ntwo\n");
  });

  it("sets the mode of new and of known files, and leaves that of known ones when none is given", async () => {
    await session.files.write("/root/t/plain", "");
    await session.files.write("/root/t/tool", "", { mode: 0o4711 });
    await session.files.write("/root/t/tool", "#!/bin/sh\necho $((6*7))\n", { mode: 0o755 });
    await session.files.write("/root/t/plain", "again");
    expect(await run("stat -c %a /root/t/plain /root/t/tool; /root/t/tool")).toBe("644\n755\n42\n");
    await session.files.append("/root/t/tool", "exit 3\n", { mode: 0o700 });
    expect(await run("stat -c %a /root/t/tool")).toBe("700\n");
  });

  it("reads files of the kernel, whose size says nothing", async () => {
    expect(await session.files.readText("/proc/self/comm")).toBe("warmboot-agent\n");
    expect((await session.files.stat("/proc/self/comm")).size).toBe(0);
  });

  it("refuses more than maxBytes", async () => {
    await session.files.write("/root/t/ten", "0123456789");
    expect(await session.files.readText("/root/t/ten", { maxBytes: 10 })).toBe("0123456789");
    await failsWith(session.files.read("/root/t/ten", { maxBytes: 9 }), "EFBIG");
  });

  it("begins in the user's home, with the user's rights", async () => {
    await session.files.write("mine", "x", { user: "user" });
    expect(await run("stat -c '%U %n' /home/user/mine")).toBe("user /home/user/mine\n");
    expect(await session.files.realpath(".")).toBe("/root");
    await failsWith(session.files.read("/root/t/ten", { user: "user" }), "EACCES");
    await failsWith(session.files.write("/etc/passwd", "", { user: "user" }), "EACCES");
    expect((await session.files.read("/etc/passwd")).length).toBeGreaterThan(100);
  });
});

describe("streams", () => {
  it("reads a part", async () => {
    const bytes = randomBytes(1_000_000);
    await session.files.write("/root/t/part", bytes);
    const part = await session.files.readable("/root/t/part", { offset: 100_001, length: 300_000 });
    expect(await readAll(part)).toEqual(bytes.subarray(100_001, 400_001));
    expect(await readAll(await session.files.readable("/root/t/part", { offset: 999_999 }))).toEqual(
      bytes.subarray(-1),
    );
    expect((await readAll(await session.files.readable("/root/t/part", { offset: 2_000_000 }))).length).toBe(0);
  });

  it("goes on reading a file that is removed meanwhile", async () => {
    const bytes = randomBytes(3 * MB);
    await session.files.write("/root/t/gone", bytes);
    const stream = await session.files.readable("/root/t/gone");
    await session.files.remove("/root/t/gone");
    expect(await sha256(await readAll(stream))).toBe(await sha256(bytes));
    expect(await openHandles()).toBe(0);
  });

  it("holds the reading up while nobody reads, and closes the file when cancelled", async () => {
    await session.files.write("/root/t/part", randomBytes(2 * MB));
    const stream = await session.files.readable("/root/t/part");
    expect(await openHandles()).toBe(1);
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    expect(await openHandles()).toBe(0);
  });

  it("writes and continues through a writable", async () => {
    for (const [append, text] of [
      [false, "begin"],
      [true, " and end"],
    ] as const) {
      const writer = (await session.files.writable("/root/t/out", { append, mode: 0o600 })).getWriter();
      for (const letter of text) await writer.write(new TextEncoder().encode(letter));
      await writer.close();
    }
    expect(await run("cat /root/t/out; stat -c ' %a' /root/t/out")).toBe("begin and end 600\n");
    const writer = (await session.files.writable("/root/t/out")).getWriter();
    await writer.abort();
    expect(await run("stat -c %s /root/t/out")).toBe("0\n");
    expect(await openHandles()).toBe(0);
  });
});

describe("directories and attributes", () => {
  it("lists with stat, one directory or all below", async () => {
    await run("mkdir -p /root/t/d/e; echo 12345 > /root/t/d/e/f; ln -s e /root/t/d/link; chmod 750 /root/t/d/e");
    const flat = await session.files.list("/root/t/d");
    expect(flat.map(({ name, path, type, mode }) => ({ name, path, type, mode }))).toEqual([
      { name: "e", path: "/root/t/d/e", type: "directory", mode: 0o750 },
      { name: "link", path: "/root/t/d/link", type: "symlink", mode: 0o777 },
    ]);
    const deep = await session.files.list("/root/t/d/", { recursive: true });
    expect(deep.map(({ path }) => path)).toEqual(["/root/t/d/e", "/root/t/d/e/f", "/root/t/d/link"]);
    expect(deep[1]).toMatchObject({ name: "f", size: 6, uid: 0, gid: 0, links: 1, type: "file" });
  });

  it("lists 5,000 entries, sorted", async () => {
    await run("mkdir /dev/shm/many && cd /dev/shm/many && seq -f %05.0f 5000 | xargs touch");
    const names = (await session.files.list("/dev/shm/many")).map(({ name }) => name);
    expect(names).toEqual(Array.from({ length: 5000 }, (_, i) => String(i + 1).padStart(5, "0")));
    await session.files.remove("/dev/shm/many", { recursive: true });
    expect(await session.files.exists("/dev/shm/many")).toBe(false);
  });

  it.each([
    ["spaces and quotes", " a 'b\" c "],
    ["a newline", "a\nb"],
    ["UTF-8", "grüße-日本-🎉"],
    ["a byte order mark", "\ufeffx"],
    ["a dash", "-rf"],
    ["255 bytes", "n".repeat(255)],
    ["bytes that are not UTF-8", "caf\udce9\udcff-é"],
  ])("keeps names with %s", async (_what, name) => {
    await session.files.mkdir("/root/t/names");
    await session.files.write(`/root/t/names/${name}`, "here");
    const [entry] = await session.files.list("/root/t/names");
    expect(entry?.name).toBe(name);
    expect(await session.files.readText(entry?.path ?? "")).toBe("here");
    expect(await run("cat /root/t/names/*")).toBe("here");
    await session.files.remove("/root/t/names", { recursive: true });
  });

  it("gives bytes that are not UTF-8 as lone surrogates", async () => {
    await run("mkdir /root/t/latin && cd /root/t/latin && touch \"$(printf 'caf\\351')\"");
    expect((await session.files.list("/root/t/latin")).map(({ name }) => name)).toEqual(["caf\udce9"]);
  });

  it("makes directories, one or all that are missing", async () => {
    await failsWith(session.files.mkdir("/root/t/m/n/o"), "ENOENT");
    await session.files.mkdir("/root/t/m/n/o", { recursive: true, mode: 0o2770 });
    expect(await run("stat -c %a /root/t/m/n /root/t/m/n/o")).toBe("755\n2770\n");
    await session.files.mkdir("/root/t/m/n/o/", { recursive: true });
    await failsWith(session.files.mkdir("/root/t/m"), "EEXIST");
    await session.files.write("/root/t/m/file", "");
    await failsWith(session.files.mkdir("/root/t/m/file", { recursive: true }), "EEXIST");
    await failsWith(session.files.mkdir("/root/t/m/file/x", { recursive: true }), "ENOTDIR");
    await failsWith(session.files.mkdir("/root/x/y", { recursive: true, user: "user" }), "EACCES");
  });

  it("removes files, links and directories, and follows no link", async () => {
    await run(
      "cd /root/t; mkdir -p r/s/t keep; echo k > keep/k; echo x > r/s/t/x; ln -s /root/t/keep r/s/out; ln -s keep lk",
    );
    await failsWith(session.files.remove("/root/t/r"), "ENOTEMPTY");
    await session.files.remove("/root/t/r", { recursive: true });
    await session.files.remove("/root/t/lk/", { recursive: true });
    expect(await run("ls /root/t/keep; ls -d /root/t/r /root/t/lk 2>&1 | wc -l")).toBe("k\n2\n");
    await failsWith(session.files.remove("/root/t/r"), "ENOENT");
    await failsWith(session.files.remove("/root/t/r", { recursive: true }), "ENOENT");
    await session.files.remove("/root/t/r", { force: true });
    await failsWith(session.files.remove("/", { recursive: true }), "EBUSY");
    await failsWith(session.files.remove("/root/t/..", { recursive: true }), "EINVAL");
    expect(await session.files.exists("/root/t/keep/k")).toBe(true);
  });

  it("says where a removal was stopped", async () => {
    await run("cd /home/user/t; mkdir -p a/b; touch a/b/x");
    const error = (await rejection(
      session.files.remove("/home/user/t", { recursive: true, user: "user" }),
    )) as FileError;
    expect(error).toMatchObject({ errnoName: "EACCES", operation: "remove", path: "/home/user/t" });
    expect(error.message).toContain("failed: /home/user/t/a/: Permission denied");
  });

  it("renames, and replaces a file", async () => {
    await session.files.write("/root/t/from", "new");
    await session.files.write("/root/t/to", "old");
    await session.files.rename("/root/t/from", "/root/t/to");
    expect(await run("cat /root/t/to; ls /root/t/from 2>&1 | grep -c 'No such'")).toBe("new1\n");
    await failsWith(session.files.rename("/root/t/to", "/dev/shm/to"), "EXDEV");
  });

  it("sets mode, owner, times and length", async () => {
    await session.files.write("/root/t/attr", "0123456789");
    await session.files.chmod("/root/t/attr", 0o1640);
    await session.files.chown("/root/t/attr", "user", "tty");
    expect(await run("stat -c '%a %U %G' /root/t/attr")).toBe("1640 user tty\n");
    await session.files.chown("/root/t/attr", 12345);
    await session.files.chown("/root/t/attr", null, 54321);
    expect(await run("stat -c '%u %g' /root/t/attr")).toBe("12345 54321\n");
    await session.files.utimes("/root/t/attr", new Date("2001-02-03T04:05:06.789Z"), -1500);
    expect(await run("stat -c '%x' /root/t/attr; stat -c '%.3Y' /root/t/attr")).toMatch(
      /^2001-02-03 04:05:06\.789000000 \+0000\n-1\.5/,
    );
    expect(await session.files.stat("/root/t/attr")).toMatchObject({ mtimeMs: -1500, size: 10, uid: 12345 });
    await session.files.truncate("/root/t/attr", 4);
    await session.files.truncate("/root/t/attr", 6);
    expect(await session.files.read("/root/t/attr")).toEqual(Uint8Array.of(48, 49, 50, 51, 0, 0));
    await failsWith(session.files.chown("/root/t/attr", "nobody-here"), "EINVAL");
    await failsWith(session.files.chmod("/root/t/attr", 0o777, { user: "user" }), "EACCES");
  });

  it("makes and reads symbolic links, and stops at loops", async () => {
    await session.files.symlink("../target", "/root/t/link");
    expect(await session.files.readlink("/root/t/link")).toBe("../target");
    expect(await session.files.exists("/root/t/link")).toBe(false);
    expect((await session.files.lstat("/root/t/link")).type).toBe("symlink");
    await run("echo t > /root/target");
    expect(await session.files.exists("/root/t/link")).toBe(true);
    expect((await session.files.stat("/root/t/link")).type).toBe("file");
    expect(await session.files.realpath("t/link")).toBe("/root/target");
    await run("cd /root/t; ln -s loop2 loop1; ln -s loop1 loop2");
    await failsWith(session.files.read("/root/t/loop1"), "ELOOP");
    await failsWith(session.files.realpath("/root/t/loop1"), "ELOOP");
    await failsWith(session.files.readlink("/root/target"), "EINVAL");
    await run("mkdir /root/t/cycle; ln -s . /root/t/cycle/self");
    expect((await session.files.list("/root/t/cycle", { recursive: true })).length).toBe(1);
  });
});

describe("what goes wrong", () => {
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
    expect(await openHandles()).toBe(0);
    const writer = (await session.files.writable("/root/t/small/g")).getWriter();
    const failure = rejection(
      (async () => {
        for (;;) await writer.write(new Uint8Array(65536));
      })(),
    );
    expect(await failure).toMatchObject({ errnoName: "ENOSPC" });
    expect(await openHandles()).toBe(0);
    expect((await session.files.space("/root/t/small")).totalBytes).toBe(MB);
    await run("umount /root/t/small");
  });

  it("an abort and a time-out leave no open file, and the server goes on", async () => {
    const zeros = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65536)) });
    const abort = new AbortController();
    const writing = rejection(session.files.write("/dev/null", zeros(), { signal: abort.signal }));
    await expect.poll(openHandles).toBe(1);
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
    await expect.poll(openHandles).toBe(0);
    expect(await session.files.readText("/root/target")).toBe("t\n");
  });

  it("a server that is killed: what was under way rejects, the next call has a new one", async () => {
    const reading = rejection(session.files.read("/dev/zero"));
    await expect.poll(openHandles).toBe(1);
    const pkill = await session.spawn(["pkill", "-9", "-f", "warmboot-agent files"]);
    await pkill.exit;
    expect(await reading).toMatchObject({ code: "file-failed", errnoName: "ECONNRESET", path: "/dev/zero" });
    expect(await session.files.readText("/root/target")).toBe("t\n");
    expect(await openHandles()).toBe(0);
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
});
