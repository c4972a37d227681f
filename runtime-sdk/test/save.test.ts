import { expect, it } from "vitest";
import { memoryStore } from "warmboot";
import { boot, imageUrl, rejection } from "./support/machine.ts";

it("a disk that waits for bytes that do not come: save and fork give up with a typed error, and the machine goes on", async () => {
  if (typeof caches !== "undefined") for (const name of await caches.keys()) await caches.delete(name);
  await using session = await boot({ machine: "a", store: memoryStore(), image: imageUrl("stall-chunks~") });
  await session.exec("echo $((4*4)) > /run/file");
  const reading = session.exec("cat /usr/bin/git > /dev/null");
  reading.catch(() => {});
  const errors: unknown[] = [];
  await expect
    .poll(
      async () => {
        errors.push(await session.save({ sync: false, timeoutMs: 200 }).catch((error) => error.code));
        return errors.at(-1);
      },
      { timeout: 60_000 },
    )
    .toBe("disk-busy");
  expect(await rejection(session.fork({ timeoutMs: 200 }))).toMatchObject({ code: "disk-busy", timeoutMs: 200 });
  // By the shell alone: no other program need be in memory.
  expect((await session.exec("read -r line < /run/file; echo $line")).stdout).toBe("16\n");
});

it("a save can be given up before and while it is made, and the next one is whole", async () => {
  const store = memoryStore();
  const session = await boot({ machine: "a", store });
  const signal = AbortSignal.abort("enough");
  expect(await rejection(session.save({ signal }))).toMatchObject({ code: "aborted" });
  expect(await store.machines()).toEqual([]);
  const controller = new AbortController();
  const first = session.save();
  // It waits for the first one.
  const second = rejection(session.save({ signal: controller.signal }));
  expect((await first).generation).toBe(1);
  controller.abort("enough");
  expect(await second).toMatchObject({ code: "aborted" });
  await session.exec("echo $((8*9)) > /run/file");
  expect((await session.save()).generation).toBeGreaterThan(1);
  expect(await rejection(session.save({ timeoutMs: 0 }))).toMatchObject({
    code: "invalid-option",
    option: "timeoutMs",
  });
  await session.close();
  await using again = await boot({ machine: "a", store });
  expect(again.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
  expect((await again.exec("cat /run/file")).stdout).toBe("72\n");
});

it("a store that does not answer: save and close give up with a typed error; what it makes later is followed by all there is", async () => {
  const store = memoryStore();
  let session = await boot({ machine: "a", store });
  await session.exec("echo 1 > /root/first");
  await session.save();
  const commit = store.commit.bind(store);
  let calls = 0;
  let answer = () => {};
  store.commit = (id, change) => {
    calls++;
    return new Promise((resolve) => {
      answer = () => resolve(commit(id, change));
    });
  };
  await session.exec("echo 2 > /root/second");
  for (let round = 0; round < 2; round++) {
    const error = await rejection(session.save({ sync: false, timeoutMs: 250 }));
    expect(error).toMatchObject({ code: "store-failed" });
    expect(error.message).toContain("has not stored the machine in 1000 ms");
  }
  // The second has waited for the first.
  expect(calls).toBe(1);
  store.commit = commit;
  answer();
  await session.exec("echo 3 > /root/third");
  expect((await session.save()).generation).toBe(3);
  const asked = new Promise<void>((resolve) => {
    store.commit = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  const last = rejection(session.save({ sync: false, timeoutMs: 250 }));
  await asked;
  await session.close();
  expect(await last).toMatchObject({ code: "store-failed" });
  store.commit = commit;
  session = await boot({ machine: "a", store });
  expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
  const read = "echo 3 > /proc/sys/vm/drop_caches; cat /root/first /root/second /root/third";
  expect((await session.exec(read)).stdout).toBe("1\n2\n3\n");
  await session.close();
});

it("what was typed on the console and not read yet is there when the machine goes on", async () => {
  const store = memoryStore();
  let session = await boot({ machine: "a", store });
  // More than the port's own queue takes at once, so some of it waits outside of the guest.
  const text = Array.from({ length: 100 }, (_, i) => `word-${i * 7}`).join(" ");
  const reader = "stty -F /dev/ttyS0 -echo; echo ready > /run/ready; read -r line < /dev/ttyS0; echo $line > /run/line";
  await session.spawn(["sh", "-c", reader]);
  await expect.poll(async () => (await session.exec("cat /run/ready")).stdout, { timeout: 60_000 }).toBe("ready\n");
  await session.pause();
  session.writeConsole(`${text}\n`);
  await session.save();
  await session.close();
  session = await boot({ machine: "a", store });
  expect(session.opened.how).toBe("warm");
  await expect.poll(async () => (await session.exec("cat /run/line")).stdout, { timeout: 60_000 }).toBe(`${text}\n`);
  await session.close();
});

it("a paused machine can be saved and forked; it answers in the fork, and when it goes on", async () => {
  await using session = await boot({ machine: "a", store: memoryStore() });
  await session.exec("echo $((6*7)) > /run/answer");
  await session.pause();
  expect((await session.save()).generation).toBe(1);
  await using fork = await session.fork();
  expect((await fork.exec("cat /run/answer")).stdout).toBe("42\n");
  await session.resume();
  expect((await session.exec("cat /run/answer")).stdout).toBe("42\n");
});

it("a fork of a machine with a name leaves what is saved of it as it is", async () => {
  const store = memoryStore();
  await using session = await boot({ machine: "a", store });
  await session.exec("echo 1 > /root/file");
  await session.save({ snapshot: "kept" });
  const all = async () => {
    const [id = "", ...others] = await store.machines();
    expect(others).toEqual([]);
    const names = (await store.records(id)).sort();
    // WHY not the bytes: comparing 20 MB of them takes an assertion all of the memory.
    return [
      await sumOf(await store.head(id)),
      names,
      await Promise.all(names.map(async (n) => sumOf(await store.read(id, n)))),
    ];
  };
  const before = await all();
  {
    await using fork = await session.fork();
    await fork.exec("echo 2 > /root/file; sync");
    expect(await rejection(fork.save())).toMatchObject({ code: "invalid-option" });
  }
  expect(await all()).toEqual(before);
  expect((await session.exec("cat /root/file")).stdout).toBe("1\n");
});

async function sumOf(bytes: Uint8Array<ArrayBuffer> | null): Promise<string> {
  return bytes ? new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join(" ") : "nothing";
}
