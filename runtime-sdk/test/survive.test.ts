import { describe, expect, it } from "vitest";
import { KernelSession, memoryStore, savedMachines } from "warmboot";
import { boot, imageUrl, rejection, Screen } from "./support/machine.ts";
import { placeForStore } from "./support/store-place.ts";

const utf8 = new TextEncoder();

/** Opens a terminal, types, and waits for what the shell has computed. */
async function type(process: { stdin: WritableStream<Uint8Array> }, text: string): Promise<void> {
  const writer = process.stdin.getWriter();
  await writer.write(utf8.encode(text));
  writer.releaseLock();
}

async function hex(session: KernelSession, bytes: number): Promise<string> {
  return (await session.exec(`head -c ${bytes} /dev/urandom | od -An -tx1`)).stdout;
}

/** The machine-id and the MAC address. */
async function identity(session: KernelSession): Promise<string[]> {
  const { stdout } = await session.exec("cat /etc/machine-id /sys/class/net/eth0/address");
  return stdout.trim().split("\n");
}

describe("a saved machine", () => {
  it("goes on where it was: a shell with a variable, a background job, a program's memory, files; the clock is right", async () => {
    const place = await placeForStore();
    const machine = "kept";
    let session = await boot({ machine, store: place.again() });
    expect(session.opened).toEqual({ how: "new" });
    const terminal = await session.openTerminal({ cols: 91, rows: 23 });
    const screen = new Screen(terminal.stdout);
    await type(terminal, "x=$((6*7)); sleep 100000 & echo job-$!\n");
    const [, job] = await screen.until(/job-(\d+)/);
    const counting = await session.spawn([
      "sh",
      "-c",
      "i=0; while :; do i=$((i+1)); echo $i > /run/count; sleep 0.1; done",
    ]);
    await session.exec("echo $((123*456)) > /root/file; echo $((7*8)) > /run/memory");
    const { generation, bytesWritten } = await session.save();
    expect(generation).toBe(1);
    expect(bytesWritten).toBeGreaterThan(1_000_000);
    // What comes after the save is gone.
    await session.exec("echo later > /root/later; rm /root/file");
    const again = await session.exec("cat /run/count");
    await session.close();
    expect(counting.pid).toBeGreaterThan(0);

    session = await boot({ machine, store: place.again() });
    expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
    const { stdout } = await session.exec(
      `cat /root/file /run/memory; ls /root/later; kill -0 ${job} && echo alive; date +%s`,
    );
    const [file, memory, alive, clock] = stdout.split("\n");
    expect([file, memory, alive]).toEqual(["56088", "56", "alive"]);
    expect(Math.abs(Number(clock) - Date.now() / 1000)).toBeLessThan(3);
    const before = Number((await session.exec("cat /run/count")).stdout);
    expect(before).toBeLessThan(Number(again.stdout) + 100_000);
    await expect
      .poll(async () => Number((await session.exec("cat /run/count")).stdout), { timeout: 60_000 })
      .toBeGreaterThan(before);
    const [kept] = session.terminals;
    expect(session.terminals).toHaveLength(1);
    expect(kept?.size).toEqual({ cols: 91, rows: 23 });
    expect(kept?.pid).toBe(terminal.pid);
    const attached = kept?.attach({ cols: 100, rows: 30 });
    if (!attached) throw new Error("no terminal");
    expect(kept?.attach()).toBe(attached);
    const shown = new Screen(attached.stdout);
    await type(attached, "echo kept-$((x+1)) $(stty size); jobs -p\n");
    await shown.until(/kept-43 30 100/);
    await shown.until(new RegExp(`^${job}`, "m"));
    await session.close();
    await place.remove();
  });

  it("saves again and again, only what changed, and each time the newest comes back", async () => {
    const store = memoryStore();
    let session = await boot({ machine: "a", store });
    const first = await session.save();
    for (let round = 1; round <= 14; round++) {
      await session.exec(`echo ${round} > /run/round; echo ${round} > /root/round`);
      const saved = await session.save();
      expect(saved.generation).toBe(round + 1);
      expect(saved.bytesWritten).toBeLessThan(first.bytesWritten / 2);
      if (round % 7 > 0) continue;
      await session.close();
      session = await boot({ machine: "a", store });
      expect(session.opened.how).toBe("warm");
      expect((await session.exec("cat /run/round /root/round; dmesg | grep -ci 'ext4.*error'")).stdout).toBe(
        `${round}\n${round}\n0\n`,
      );
    }
    await session.close();
  });

  it("comes up cold, with its files, when it was saved with other memory, and says so", async () => {
    const store = memoryStore();
    let session = await boot({ machine: "a", store });
    await session.exec("echo $((5*5)) > /root/file; echo gone > /run/gone");
    await session.save();
    await session.close();
    session = await boot({ machine: "a", store, memoryMb: 200 });
    expect(session.opened).toMatchObject({ how: "cold", reason: expect.stringContaining("256 MiB") });
    expect((await session.exec("cat /root/file; ls /run/gone")).stdout).toBe("25\n");
    expect((await session.save()).generation).toBe(2);
    await session.close();
    session = await boot({ machine: "a", store });
    expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
    expect(session.info.memoryMb).toBe(200);
    await session.close();
  });

  it("of other sizes than the image's: goes on warm on its own disk, again and again", async () => {
    const store = memoryStore();
    let session = await boot({ machine: "a", store, memoryMb: 192, diskMb: 4100 });
    for (let round = 1; round <= 3; round++) {
      await session.exec(`echo $((${round} * 7)) > /root/file${round}; head -c 60M /dev/urandom > /dev/shm/fill`);
      await session.save();
      await session.close();
      session = await boot({ machine: "a", store });
      expect(session.opened).toMatchObject({ how: "warm" });
      expect(session.info.memoryMb).toBe(192);
      // Read from the disk, and not from what the guest remembers of it.
      const { stdout } = await session.exec("echo 3 > /proc/sys/vm/drop_caches; cat /root/file*");
      expect(stdout).toBe(["7", "14", "21"].slice(0, round).join("\n").concat("\n"));
    }
    await session.close();
  });

  it("survives a reboot and a save after it", async () => {
    const store = memoryStore();
    let session = await boot({ machine: "a", store });
    const sum = "cat /root/file; cat /root/before/* | sha256sum";
    const make = "mkdir /root/before; for i in $(seq 100); do head -c 5000 /dev/urandom > /root/before/$i; done";
    await session.exec(`${make}; echo $((11*11)) > /root/file`);
    await session.save();
    await session.reboot();
    await session.exec("echo $((12*12)) >> /root/file");
    const { stdout: before } = await session.exec(sum);
    expect(before).toMatch(/^121\n144\n[0-9a-f]{64}/);
    await session.save();
    await session.close();
    session = await boot({ machine: "a", store });
    expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
    expect((await session.exec(`echo 3 > /proc/sys/vm/drop_caches; ${sum}`)).stdout).toBe(before);
    await session.close();
    // From the disk alone.
    session = await boot({ machine: "a", store, memoryMb: 192 });
    expect(session.opened.how).toBe("cold");
    expect((await session.exec(sum)).stdout).toBe(before);
    await session.close();
  });

  it("stays on the image that it was made from when another is the default, or has come to its address; if that is gone, says so and is unharmed", async () => {
    const store = memoryStore();
    const lent = crypto.randomUUID();
    const images = { stays: imageUrl(), replaced: imageUrl(`lent-${lent}`), lost: imageUrl(`lent-${lent}`) };
    for (const [machine, image] of Object.entries(images)) {
      await using session = await boot({ machine, store, image });
      await session.exec("echo $((6*9)) > /root/file");
      await session.save();
    }
    const other = imageUrl("other");
    {
      await using fresh = await boot({ image: other });
      expect(fresh.info.imageName).toBe("other");
      await using session = await boot({ machine: "stays", store, image: other });
      expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
      expect(session.info.imageName).toBe("default");
      // Of the image, and not in the saved memory: read through the disk.
      expect((await session.exec("cat /root/file; sha256sum < /usr/bin/git | wc -c")).stdout).toBe("54\n68\n");
    }
    await fetch(`${imageUrl().split("/plain/")[0]}/end/${lent}`);
    // Where it was there is nothing any more; beside the one in its place there is, now and the next time.
    for (const answer of ["54\n68\n", "55\n68\n"]) {
      await using session = await boot({ machine: "replaced", store, image: other });
      expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
      expect(session.info.imageName).toBe("default");
      expect((await session.exec("cat /root/file; sha256sum < /usr/bin/git | wc -c")).stdout).toBe(answer);
      await session.exec("echo 55 > /root/file");
      await session.save();
    }
    const refused = await rejection(boot({ machine: "lost", store, image: imageUrl("strange") }));
    expect(refused).toMatchObject({ code: "image-mismatch", imageName: "other" });
    expect(refused.message).toContain("its own cannot be had");
    expect(refused.message).toContain(`lent-${lent}`);
    await using session = await boot({ machine: "lost", store });
    expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
    expect((await session.exec("cat /root/file")).stdout).toBe("54\n");
  });

  it("keeps its identity; a duplicate of it gets one of its own, once", async () => {
    const store = memoryStore();
    const identities: string[][] = [];
    {
      await using session = await boot({ machine: "a", store });
      identities.push(await identity(session));
      await session.save();
    }
    await savedMachines(store).duplicate("a", "b");
    for (const machine of ["a", "b", "b"]) {
      await using session = await boot({ machine, store });
      expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
      identities.push(await identity(session));
      await session.save();
    }
    const [before, after, copy, again] = identities;
    expect(after).toEqual(before);
    expect(again).toEqual(copy);
    for (const part of [0, 1]) expect(copy?.[part]).not.toBe(before?.[part]);
  });

  it("has one writer: a second is told who has it, or takes it over and the first fails", async () => {
    const place = await placeForStore();
    const first = await boot({ machine: "a", store: place.again() });
    await first.exec("echo $((3*3)) > /run/nine");
    await first.save();
    const refused = await rejection(boot({ machine: "a", store: place.again() }));
    expect(refused).toMatchObject({ code: "machine-in-use", machine: "a" });
    const failed = new Promise<Error>((resolve) => {
      first.on("error", resolve);
    });
    const second = await boot({ machine: "a", store: place.again(), takeover: true });
    expect(await failed).toMatchObject({ code: "machine-taken-over" });
    expect(first.state).toBe("failed");
    expect(await rejection(first.save())).toMatchObject({ code: "machine-taken-over" });
    expect(await rejection(first.exec("true"))).toMatchObject({ code: "machine-taken-over" });
    expect((await second.exec("cat /run/nine")).stdout).toBe("9\n");
    await first.close();
    expect((await second.save()).generation).toBe(2);
    await second.close();
    const third = await boot({ machine: "a", store: place.again() });
    await third.close();
    await place.remove();
  });

  it("cannot be saved without a name; options that need one say so", async () => {
    await using session = await boot();
    expect(await rejection(session.save())).toMatchObject({ code: "invalid-option", option: "machine" });
    expect(await rejection(boot({ store: memoryStore() }))).toMatchObject({ option: "store" });
    expect(await rejection(boot({ machine: "a\nb" }))).toMatchObject({ option: "machine" });
    expect(await rejection(KernelSession.boot({ image: imageUrl(), machine: "" }))).toMatchObject({
      option: "machine",
    });
  });

  it("without room it runs on, what was saved is whole, and the next save has everything", async () => {
    const store = memoryStore();
    let session = await boot({ machine: "a", store });
    await session.exec("echo 1 > /root/file");
    await session.save();
    const commit = store.commit;
    store.commit = () => Promise.reject(new Error("no room"));
    await session.exec("echo 2 > /root/file; echo 2 > /run/file");
    expect((await rejection(session.save())).message).toBe("no room");
    store.commit = commit;
    await session.exec("echo 3 > /root/third");
    await session.save();
    await session.close();
    session = await boot({ machine: "a", store });
    expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
    expect((await session.exec("cat /root/file /run/file /root/third")).stdout).toBe("2\n2\n3\n");
    await session.close();
  });
});

describe("a fork", () => {
  it("goes on by itself: same memory and disk, another future, other random numbers", async () => {
    await using session = await boot();
    await session.exec("echo $((9*9)) > /run/x; echo $((8*8)) > /root/y");
    await using one = await session.fork();
    await using two = await session.fork();
    expect(one.opened).toEqual({ how: "fork" });
    await one.exec("echo one > /run/x; echo one > /root/y; sync");
    expect((await two.exec("cat /run/x /root/y")).stdout).toBe("81\n64\n");
    expect((await session.exec("cat /run/x /root/y")).stdout).toBe("81\n64\n");
    const numbers = await Promise.all([session, one, two].map((each) => hex(each, 32)));
    expect(new Set(numbers).size).toBe(3);
    expect(numbers.every((text) => text.trim().length > 90)).toBe(true);
    // Each has its own identity too; SSH's keys are a program's matter, which stands in here.
    await session.exec(
      "mkdir -p /etc/ssh; echo old > /etc/ssh/ssh_host_x_key; printf '#!/bin/sh\\ncp /proc/sys/kernel/random/uuid /etc/ssh/ssh_host_x_key\\n' > /usr/bin/ssh-keygen; chmod +x /usr/bin/ssh-keygen",
    );
    await using three = await one.fork();
    await using four = await session.fork();
    const identities = await Promise.all([session, one, two, three, four].map(identity));
    for (const [id, mac] of identities) {
      expect(id).toMatch(/^[0-9a-f]{32}$/);
      expect(mac).toMatch(/^.[26ae](:..){5}$/);
    }
    for (const part of [0, 1]) expect(new Set(identities.map((each) => each[part])).size).toBe(5);
    await expect
      .poll(async () => (await four.exec("cat /etc/ssh/ssh_host_x_key")).stdout, { timeout: 60_000 })
      .toMatch(/^[0-9a-f-]{36}\n$/);
    expect((await session.exec("cat /etc/ssh/ssh_host_x_key")).stdout).toBe("old\n");
    expect((await three.exec("cat /run/x /root/y")).stdout).toBe("one\none\n");
  });
});
