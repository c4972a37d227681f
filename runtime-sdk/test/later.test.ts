import { describe, expect, it } from "vitest";
import { KernelSession, type MachineStore, memoryStore, savedMachines } from "warmboot";
import { boot, imageUrl } from "./support/machine.ts";
import { placeForStore } from "./support/store-place.ts";

const WEEK_MS = 7 * 24 * 3600 * 1000;

function enters(session: KernelSession, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = session.on("state", (state) => {
      if (state !== wanted) return;
      stop();
      resolve();
    });
  });
}

async function powerOff(session: KernelSession): Promise<void> {
  const off = enters(session, "off");
  session.exec("poweroff").catch(() => {});
  await off;
}

describe("a machine that is off", () => {
  it("is saved with what it wrote last, comes back by a boot, and goes on from there", async () => {
    const place = await placeForStore();
    let session = await boot({ machine: "off", store: place.again() });
    await session.exec("echo $((6*7)) > /root/before");
    await session.save();
    await session.exec("echo $((7*8)) > /root/after; rm /root/before");
    await powerOff(session);
    const saved = await session.save();
    expect(saved).toMatchObject({ generation: 2, pauseMs: 0 });
    expect(saved.bytesWritten).toBeGreaterThan(10_000);
    // Nothing happens in it any more.
    expect(await session.save()).toMatchObject({ generation: 2, bytesWritten: 0 });
    await session.close();

    session = await boot({ machine: "off", store: place.again() });
    expect(session.opened).toMatchObject({ how: "cold", reason: "it had been shut down" });
    const { stdout } = await session.exec("cat /root/after; ls /root/before 2>&1; cat /sys/fs/ext4/sda/errors_count");
    expect(stdout).toMatch(/^56\n.*No such file.*\n0\n$/s);
    await session.exec("echo $((8*9)) > /root/third");
    await session.save();
    await session.close();

    session = await boot({ machine: "off", store: place.again() });
    expect(session.opened.how).toBe("warm");
    expect((await session.exec("cat /root/after /root/third")).stdout).toBe("56\n72\n");
    await session.close();
  });

  it("can be started again after it was saved, and saved again", async () => {
    const store = memoryStore();
    let session = await boot({ machine: "on again", store });
    await session.exec("echo $((6*7)) > /root/one");
    await powerOff(session);
    // The machine is started while it is being saved: its disk is in use again then.
    const saving = session.save();
    await session.reboot();
    await saving;
    await session.exec("echo $((7*8)) > /root/two");
    await session.save();
    await session.close();
    session = await boot({ machine: "on again", store });
    expect(session.opened.how).toBe("warm");
    expect((await session.exec("cat /root/one /root/two")).stdout).toBe("42\n56\n");
    await session.close();
  });

  it("is saved by itself", async () => {
    const store = memoryStore();
    const session = await boot({ machine: "by itself", store, autosave: { periodMs: 0, whenIdle: false } });
    await session.exec("echo $((6*7)) > /root/kept");
    const saved = new Promise<void>((resolve) => session.on("saved", () => resolve()));
    await powerOff(session);
    await saved;
    await session.close();
    await using again = await boot({ machine: "by itself", store });
    expect((await again.exec("cat /root/kept")).stdout).toBe("42\n");
  });

  it("can be exported, and imported elsewhere", async () => {
    const session = await boot({ machine: "out", store: memoryStore() });
    await session.exec("echo $((6*7)) > /root/kept");
    await powerOff(session);
    const store = memoryStore();
    await savedMachines(store).import(await session.export(), { name: "in" });
    await session.close();
    await using again = await boot({ machine: "in", store });
    expect(again.opened.how).toBe("cold");
    expect((await again.exec("cat /root/kept")).stdout).toBe("42\n");
  });
});

/** The same store, but what was saved in it says that it can only be used with something else. */
function guardedBy(store: MachineStore, guard: { readonly v86: string } | { readonly devices: string }): MachineStore {
  const hex = (bytes: ArrayBuffer) =>
    [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    place: store.place,
    machines: () => store.machines(),
    head: (id) => store.head(id),
    records: (id) => store.records(id),
    commit: (id, change) => store.commit(id, change),
    drop: (id) => store.drop(id),
    lock: (name, request) => store.lock(name, request),
    holder: (name) => store.holder(name),
    read: async (id, record) => {
      const bytes = await store.read(id, record);
      if (!bytes || !record.startsWith("generation-")) return bytes;
      const generation = JSON.parse(new TextDecoder().decode(bytes.subarray(65)));
      Object.assign(generation.guard, guard);
      const body = new TextEncoder().encode(JSON.stringify(generation));
      const sum = new TextEncoder().encode(`${hex(await crypto.subtle.digest("SHA-256", body))}\n`);
      return Uint8Array.from([...sum, ...body]);
    },
  };
}

describe("a machine that comes back later", () => {
  it.each([
    ["with other devices", "other devices", {}],
    ["with a disk of another size", "with a disk of 4096 MiB, and 5000 MiB are asked for", { diskMb: 5000 }],
  ] as const)("%s: is booted from its disk, and says why", async (_what, reason, options) => {
    const store = memoryStore();
    const session = await boot({ machine: "old", store });
    await session.exec("echo $((6*7)) > /root/file; echo gone > /run/gone");
    await session.save();
    await session.close();
    const opened = "diskMb" in options ? store : guardedBy(store, { devices: "a sound card" });
    await using again = await boot({ machine: "old", store: opened, ...options });
    expect(again.opened).toMatchObject({ how: "cold", reason: expect.stringContaining(reason) });
    expect((await again.exec("cat /root/file; ls /run/gone")).stdout).toBe("42\n");
  });

  it("to another version of v86: is booted from its disk with every file, and says why", async () => {
    const store = memoryStore();
    const session = await boot({ machine: "old", store });
    const make = "mkdir /root/d; for i in $(seq 200); do echo $((i*i)) > /root/d/$i; done; sync";
    await session.exec(make);
    const sum = "cd /root/d; cat $(ls | sort -n) | sha256sum; ls | wc -l";
    const { stdout: before } = await session.exec(sum);
    await session.save();
    await session.close();
    await using again = await boot({ machine: "old", store: guardedBy(store, { v86: "0.4.1" }) });
    expect(again.opened).toMatchObject({ how: "cold", reason: expect.stringContaining("v86 0.4.1") });
    expect((await again.exec(sum)).stdout).toBe(before);
    expect(before).toContain("200");
  });

  it("after a week: its clock is right before anything runs, and what waited goes on waiting", async () => {
    const store = memoryStore();
    const session = await boot({ machine: "week", store });
    // Says every second what time it is; a restored machine must never say an old one.
    await session.exec("nohup sh -c 'while :; do date +%s; sleep 0.2; done' > /root/times 2>/dev/null &");
    await session.exec('until [ "$(wc -l < /root/times)" -ge 3 ]; do sleep 0.1; done');
    const asleep = (await session.exec("sleep 1000000 >/dev/null 2>&1 & echo $!")).stdout.trim();
    await session.save();
    await session.close();
    const now = Date.now;
    Date.now = () => now() + WEEK_MS;
    try {
      await using again = await KernelSession.boot({ image: imageUrl(), machine: "week", store });
      expect(again.opened.how).toBe("warm");
      const { stdout } = await again.exec("date +%s; sleep 1; tail -n 3 /root/times; date -u +%Y");
      const times = stdout.trim().split("\n");
      for (const time of times.slice(0, -1)) expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(20);
      expect(times.at(-1)).toBe(String(new Date(Date.now()).getUTCFullYear()));
      expect((await again.exec(`kill -0 ${asleep} && echo alive`)).stdout).toBe("alive\n");
      // The time went from then to now at once.
      const { stdout: gaps } = await again.exec(
        `python3 -c 'a = [int(t) for t in open("/root/times")]; print(sum(y - x > 30 for x, y in zip(a, a[1:])), len(a) > 5)'`,
      );
      expect(gaps).toBe("1 True\n");
    } finally {
      Date.now = now;
    }
  });
});
