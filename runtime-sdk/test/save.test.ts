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
