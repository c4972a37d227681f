import { expect, it } from "vitest";
import { type KernelSession, memoryStore, type SaveResult, type WarmbootError } from "warmboot";
import { boot, rejection } from "./support/machine.ts";

const OFF = { whenIdle: false, periodMs: 0, onHide: false };

const saved = (session: KernelSession) => new Promise<SaveResult>((resolve) => session.on("saved", resolve));

/** What comes back of what was written last. */
async function reopened(store: ReturnType<typeof memoryStore>, file: string): Promise<string> {
  await using session = await boot({ machine: "a", store });
  expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
  return (await session.exec(`cat ${file}`)).stdout;
}

it("saves a machine that has done something and rests, and leaves one alone that only rests", async () => {
  const store = memoryStore();
  const session = await boot({ machine: "a", store, autosave: { ...OFF, whenIdle: true } });
  const first = saved(session);
  await session.exec("echo $((3*7)) > /run/file; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");
  expect(await first).toMatchObject({ generation: 1, bytesWritten: expect.any(Number), pauseMs: expect.any(Number) });
  // Saved by hand: nothing is left to do.
  await session.save();
  let more = 0;
  session.on("saved", () => more++);
  // By the machine's own clock. What a boot and a save leave to be done may be worth one more.
  await expect
    .poll(
      async () => {
        const before = more;
        await session.exec("sleep 6");
        return more - before;
      },
      { timeout: 100_000 },
    )
    .toBe(0);
  await session.close();
  expect(await reopened(store, "/run/file")).toBe("21\n");
});

it("takes no question about what it uses for something that the machine has done", async () => {
  // Longer than the guest's file system takes to write what a save has left to be written.
  const session = await boot({ machine: "a", store: memoryStore(), autosave: { ...OFF, periodMs: 6000 } });
  let saves = 0;
  session.on("saved", () => saves++);
  // Asked twice as often as by a page that shows it all the time. No command of ours in between: that is work.
  await expect
    .poll(
      async () => {
        const before = saves;
        for (let i = 0; i < 6; i++) {
          await session.stats();
          await new Promise((resolve) => setTimeout(resolve, 1500));
        }
        return saves - before;
      },
      { timeout: 100_000 },
    )
    .toBe(0);
  await session.close();
});

it("saves one that never rests, from time to time", async () => {
  const store = memoryStore();
  const session = await boot({ machine: "a", store, autosave: { ...OFF, periodMs: 1000 } });
  const busy = await session.spawn(["sh", "-c", "echo $((4*7)) > /run/file; while :; do :; done"]);
  await saved(session);
  await saved(session);
  busy.kill("SIGKILL");
  await session.close();
  expect(await reopened(store, "/run/file")).toBe("28\n");
});

it("tells when it could not save, and the machine goes on", async () => {
  const store = memoryStore();
  store.commit = () => Promise.reject(new Error("no"));
  await using session = await boot({ machine: "a", store, autosave: { ...OFF, periodMs: 1000 } });
  const failed = new Promise<WarmbootError>((resolve) => session.on("save-failed", resolve));
  const busy = await session.spawn(["sh", "-c", "while :; do :; done"]);
  expect((await failed).message).toBe("no");
  busy.kill("SIGKILL");
  expect((await session.exec("echo $((5*7))")).stdout).toBe("35\n");
});

it("options that mean nothing are refused", async () => {
  expect(await rejection(boot({ machine: "a", autosave: { periodMs: 10 } }))).toMatchObject({
    option: "autosave.periodMs",
  });
  expect(await rejection(boot({ autosave: true }))).toMatchObject({ option: "autosave" });
});

it.skipIf(typeof window === "undefined")(
  "saves when the page is hidden, and when it is left without a word",
  async () => {
    const store = memoryStore();
    const session = await boot({ machine: "a", store, autosave: { ...OFF, onHide: true } });
    const hide = (state: string) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    };
    try {
      await session.exec("echo $((6*7)) > /run/file");
      const hidden = saved(session);
      hide("hidden");
      // Comes too when a page is closed: one save is enough.
      dispatchEvent(new PageTransitionEvent("pagehide"));
      expect((await hidden).generation).toBe(1);
      hide("visible");
      const left = saved(session);
      dispatchEvent(new PageTransitionEvent("pagehide"));
      expect((await left).generation).toBe(2);
    } finally {
      Reflect.deleteProperty(document, "visibilityState");
    }
    await session.close();
    expect(await reopened(store, "/run/file")).toBe("42\n");
  },
);
