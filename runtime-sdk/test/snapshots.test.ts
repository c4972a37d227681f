import { expect, it } from "vitest";
import { savedMachines } from "warmboot";
import { boot, rejection } from "./support/machine.ts";
import { placeForStore } from "./support/store-place.ts";

it("states are kept under names while the machine goes on; each can be gone back to, warm, and the others stay", async () => {
  const place = await placeForStore();
  const machine = "a";
  const look = "cat /run/round /root/round";
  {
    await using session = await boot({ machine, store: place.again() });
    // It is open, and not in the list before it was saved.
    expect(await savedMachines(place.again()).list()).toEqual([]);
    for (let round = 1; round <= 5; round++) {
      await session.exec(
        `echo ${round}${round} > /run/round; echo ${round} > /root/round; head -c 3000000 /dev/urandom > /run/noise`,
      );
      await session.save(round % 2 === 1 && round < 5 ? { snapshot: `round ${round}` } : {});
    }
    const taken = await rejection(session.save({ snapshot: "round 1" }));
    expect(taken).toMatchObject({ code: "invalid-option", option: "snapshot" });
    expect((await session.snapshots.list()).map(({ name }) => name)).toEqual(["round 1", "round 3"]);
    expect(await savedMachines(place.again()).list()).toMatchObject([
      {
        name: machine,
        snapshots: ["round 1", "round 3"],
        openIn: expect.stringMatching(/./),
        last: { imageId: session.info.imageId, memoryMb: session.info.memoryMb, isOff: false },
      },
    ]);
  }
  {
    await using session = await boot({ machine, store: place.again(), snapshot: "round 1" });
    expect(session.opened).toMatchObject({ how: "warm", snapshot: "round 1" });
    expect((await session.exec(look)).stdout).toBe("11\n1\n");
  }
  {
    // Nothing was saved: the last state is the last state.
    await using session = await boot({ machine, store: place.again() });
    expect(session.opened).toMatchObject({ how: "warm" });
    expect((await session.exec(look)).stdout).toBe("55\n5\n");
  }
  {
    await using session = await boot({ machine, store: place.again(), snapshot: "round 3" });
    expect((await session.exec(look)).stdout).toBe("33\n3\n");
    await session.exec("echo $((4*11)) > /run/after; echo $((5*11)) > /root/after");
    for (let i = 0; i < 3; i++) await session.save();
    await session.snapshots.remove("round 3");
  }
  {
    await using session = await boot({ machine, store: place.again() });
    expect(session.opened).toMatchObject({ how: "warm" });
    expect((await session.exec(`${look} /run/after /root/after; dmesg | grep -ci 'ext4.*error'`)).stdout).toBe(
      "33\n3\n44\n55\n0\n",
    );
  }
  const machines = savedMachines(place.again());
  expect(await machines.list()).toMatchObject([{ name: machine, openIn: null }]);
  expect((await machines.snapshots(machine)).map(({ name }) => name)).toEqual(["round 1"]);
  await machines.goBack(machine, "round 1");
  {
    await using session = await boot({ machine, store: place.again() });
    expect(session.opened).toMatchObject({ how: "warm" });
    expect((await session.exec(look)).stdout).toBe("11\n1\n");
    expect(await rejection(session.snapshots.remove("round 3"))).toMatchObject({ code: "snapshot-not-found" });
  }
  await machines.removeSnapshot(machine, "round 1");
  const gone = await rejection(boot({ machine, store: place.again(), snapshot: "round 1" }));
  expect(gone).toMatchObject({ code: "snapshot-not-found", machine, snapshot: "round 1" });
  await place.remove();
});

it("a snapshot needs a machine with a name, and a name", async () => {
  await using session = await boot();
  expect(await rejection(session.snapshots.list())).toMatchObject({ option: "machine" });
  expect(await rejection(boot({ snapshot: "x" }))).toMatchObject({ option: "snapshot" });
  expect(await rejection(session.save({ snapshot: "" }))).toMatchObject({ option: "snapshot" });
});
