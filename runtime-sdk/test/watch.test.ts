import { afterAll, beforeAll, expect, it } from "vitest";
import type { FileWatch, FileWatchEvent, KernelSession } from "warmboot";
import { boot, rejection } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
});
afterAll(() => session?.close());

const short = (event: FileWatchEvent) => {
  if (event.type === "overflow") return event.type;
  const from = event.type === "renamed" ? `${event.from} > ` : "";
  return `${event.type} ${from}${event.path}${event.isDirectory ? "/" : ""}`;
};

/** Events up to the one that something of the name `last` was created, without it. */
async function until(watch: FileWatch, last: string): Promise<string[]> {
  const seen: string[] = [];
  for (;;) {
    const { value, done } = await watch.next();
    if (done || !value) throw new Error(`the watch ended: ${seen.join(", ")}`);
    if (short(value) === `created ${last}/`) return seen;
    seen.push(short(value));
  }
}

const watchers = async () => Number((await session.exec("pgrep -c -x -f '/usr/sbin/warmboot-agent watch .*'")).stdout);

it("tells what happens in a directory, from the moment it resolves", async () => {
  await session.exec("mkdir -p /root/w/sub; echo old > /root/w/known");
  const watch = await session.files.watch("/root/w");
  await session.exec(
    "cd /root/w; echo x > a; chmod 600 a; mv a 'b c'; rm 'b c'; mv known /tmp; mv /tmp/known .; echo x > sub/unseen; mkdir end",
  );
  expect(await until(watch, "/root/w/end")).toEqual([
    "created /root/w/a",
    "modified /root/w/a",
    "written /root/w/a",
    "attributes /root/w/a",
    "renamed /root/w/a > /root/w/b c",
    "deleted /root/w/b c",
    "deleted /root/w/known",
    "created /root/w/known",
  ]);
  await watch.return();
  await expect.poll(watchers).toBe(0);
});

it("tells what happens below too, in new, renamed and moved directories, when asked to", async () => {
  await session.exec("mkdir -p /root/r/old/deep");
  const watch = await session.files.watch("/root/r", { recursive: true });
  await session.exec("mkdir -p /root/r/n1/n2; mkdir /root/r/e1");
  expect((await until(watch, "/root/r/e1")).filter((text) => text.startsWith("created"))).toEqual(
    expect.arrayContaining(["created /root/r/n1/", "created /root/r/n1/n2/"]),
  );
  await session.exec(
    "cd /root/r; echo > n1/n2/f; mv old new; echo > new/deep/g; mv new /root/away; echo > /root/away/deep/h; mkdir e2",
  );
  expect((await until(watch, "/root/r/e2")).filter((text) => !/^(modified|written|attributes)/.test(text))).toEqual([
    "created /root/r/n1/n2/f",
    "renamed /root/r/old > /root/r/new/",
    "created /root/r/new/deep/g",
    "deleted /root/r/new/",
  ]);
  await watch.return();
});

it("watches one file, and ends when it is gone", async () => {
  await session.files.write("/root/single", "x");
  const watch = await session.files.watch("/root/single");
  await session.exec("echo y >> /root/single; rm /root/single");
  const seen: string[] = [];
  for await (const event of watch) seen.push(short(event));
  expect(seen[0]).toBe("modified /root/single");
  expect(seen.at(-1)).toBe("deleted /root/single");
  expect(await watch.next()).toEqual({ value: undefined, done: true });
});

it("ends when the loop is left, when the signal fires, and when it is closed", async () => {
  const abort = new AbortController();
  const watch = await session.files.watch("/root", { signal: abort.signal });
  const ended = watch.next();
  abort.abort();
  expect(await ended).toMatchObject({ done: true });
  const other = await session.files.watch("/root", { user: "root" });
  await session.exec("touch /root/touched");
  for await (const event of other) {
    expect(short(event)).toBe("created /root/touched");
    break;
  }
  (await session.files.watch("/root")).close();
  await expect.poll(watchers).toBe(0);
});

it("says when events were lost", async () => {
  await session.exec("echo 16 > /proc/sys/fs/inotify/max_queued_events; mkdir /root/flood");
  const watch = await session.files.watch("/root/flood");
  await session.exec(
    "pkill -STOP -x -f '/usr/sbin/warmboot-agent watch .*'; cd /root/flood; touch $(seq 100); pkill -CONT -x -f '/usr/sbin/warmboot-agent watch .*'",
    { shell: "/bin/bash" },
  );
  const types = new Set<string>();
  for await (const event of watch) {
    types.add(event.type);
    if (event.type === "overflow") break;
  }
  expect(types).toContain("overflow");
  await session.exec("echo 16384 > /proc/sys/fs/inotify/max_queued_events");
});

it("fails with the guest's error", async () => {
  expect(await rejection(session.files.watch("/no/such"))).toMatchObject({
    code: "file-failed",
    operation: "watch",
    errnoName: "ENOENT",
  });
  expect(await rejection(session.files.watch("/root", { user: "user" }))).toMatchObject({ errnoName: "EACCES" });
  expect(await rejection(session.files.watch("/root", { signal: AbortSignal.abort() }))).toMatchObject({
    code: "aborted",
  });
  expect(await rejection(session.files.watch("x\udcff"))).toMatchObject({ code: "invalid-option" });
  const watch = await session.files.watch("/root");
  await (await session.spawn(["pkill", "-9", "-f", "warmboot-agent watch"])).exit;
  expect(await rejection(watch.next())).toMatchObject({ code: "file-failed", errnoName: "ECONNRESET" });
});
