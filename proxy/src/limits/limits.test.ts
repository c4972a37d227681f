import { describe, expect, it } from "vitest";
import { LocalLeases } from "./leases.ts";
import { Semaphore } from "./semaphore.ts";
import { Subjects } from "./subjects.ts";
import { TokenBucket } from "./token-bucket.ts";

describe("a token bucket", () => {
  it("lets a second's worth pass at once, then its rate, and is paid back what was taken too much", () => {
    let now = 0;
    const bucket = new TokenBucket(1000, () => now);
    bucket.take(1000);
    expect(bucket.waitMs()).toBe(1);
    bucket.take(500);
    expect(bucket.waitMs()).toBe(501);
    now = 501;
    expect(bucket.waitMs()).toBe(0);
    now = 1_000_000;
    bucket.take(1000);
    expect(bucket.waitMs()).toBeGreaterThan(0);
  });

  it("never waits longer than a timer can", () => {
    const bucket = new TokenBucket(1, () => 0);
    bucket.take(2 ** 32);
    expect(bucket.waitMs()).toBeGreaterThan(0);
    expect(bucket.waitMs()).toBeLessThan(2 ** 31);
  });

  it("of no rate lets everything pass", () => {
    const bucket = new TokenBucket(0);
    bucket.take(10 ** 12);
    expect(bucket.waitMs()).toBe(0);
  });
});

it("a subject that comes back finds its rate as it left it, until what it took is made good", async () => {
  const subjects = new Subjects();
  const limits = { downBytesPerSecond: 10_000, upBytesPerSecond: 0, lookups: 1 };
  subjects.hold("a", limits).down.take(12_000);
  subjects.release("a");
  const share = subjects.hold("a", limits);
  expect(share.down.waitMs()).toBeGreaterThan(0);
  subjects.release("a");
  expect(subjects.size).toBe(1);
  await expect.poll(() => subjects.size, { timeout: 30_000 }).toBe(0);
  expect(subjects.hold("a", limits).down.waitMs()).toBe(0);
  subjects.hold("b", { ...limits, downBytesPerSecond: 0 }).down.take(12_000);
  subjects.release("b");
  expect(subjects.size).toBe(1);
});

describe("a semaphore", () => {
  const gate = () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { open, opened };
  };

  it("lets as many run as it has places, the others in their order", async () => {
    const semaphore = new Semaphore(2);
    const { signal } = new AbortController();
    const gates = [gate(), gate(), gate(), gate()];
    const ran: number[] = [];
    const all = gates.map(({ opened }, i) =>
      semaphore.run(signal, async () => {
        ran.push(i);
        await opened;
      }),
    );
    await Promise.resolve();
    expect(ran).toEqual([0, 1]);
    gates[1]?.open();
    await all[1];
    await Promise.resolve();
    expect(ran).toEqual([0, 1, 2]);
    for (const { open } of gates) open();
    await Promise.all(all);
    expect(ran).toEqual([0, 1, 2, 3]);
  });

  it("forgets who gives up waiting, and gives a place back after a failure", async () => {
    const semaphore = new Semaphore(1);
    const { signal } = new AbortController();
    const first = gate();
    const running = semaphore.run(signal, () => first.opened);
    const leaving = new AbortController();
    const waiting = semaphore.run(leaving.signal, async () => "never");
    leaving.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
    first.open();
    await running;
    await expect(semaphore.run(signal, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(await semaphore.run(signal, async () => "free")).toBe("free");
  });
});

it("leases are places that come back", async () => {
  const leases = new LocalLeases();
  expect([
    await leases.acquire("a", "1", 2),
    await leases.acquire("a", "2", 2),
    await leases.acquire("a", "3", 2),
  ]).toEqual([true, true, false]);
  expect(await leases.acquire("b", "1", 2)).toBe(true);
  leases.release("a", "1");
  leases.release("a", "1");
  expect([await leases.acquire("a", "4", 2), await leases.acquire("a", "5", 2)]).toEqual([true, false]);
});
