import { afterAll, beforeAll, expect, it } from "vitest";
import type { FileError, KernelSession } from "warmboot";
import { failsWith, run as runIn } from "./support/files.ts";
import { boot, rejection } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
  await session.exec("mkdir /root/t && mkdir /home/user/t && chown user: /home/user/t");
});
afterAll(() => session?.close());

const run = (command: string) => runIn(session, command);

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
  const error = (await rejection(session.files.remove("/home/user/t", { recursive: true, user: "user" }))) as FileError;
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
