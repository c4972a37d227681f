import { expect, it } from "vitest";
import { savedMachines } from "warmboot";
import { boot, rejection } from "./support/machine.ts";
import { smallPlace } from "./support/small-place.ts";

const MIB = 2 ** 20;

it("without room: a typed error, what was saved is whole, the machine runs on, and with room the next save has everything", async (context) => {
  const place = await smallPlace(60 * MIB);
  if (!place) {
    context.skip("no file system of a given size can be mounted here");
    return;
  }
  try {
    let session = await boot({ machine: "a", store: place.again() });
    await session.exec("echo $((1+1)) > /root/file");
    await session.save();
    const before = await savedMachines(place.again()).list();
    for (let round = 0; round < 2; round++) {
      await session.exec("echo $((2+2)) > /root/file; echo 4 > /run/file; head -c 80000000 /dev/urandom > /root/noise");
      expect(await rejection(session.save())).toMatchObject({ code: "quota-exceeded" });
      expect(await savedMachines(place.again()).list()).toEqual(before);
      expect((await session.exec("cat /root/file /run/file; echo $((6*7))")).stdout).toBe("4\n4\n42\n");
      if (round === 1) break;
      // As after a crash: it comes back as it was saved.
      await session.close();
      session = await boot({ machine: "a", store: place.again() });
      expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
      expect((await session.exec("cat /root/file; ls /run/file /root/noise")).stdout).toBe("2\n");
    }
    const sum = (await session.exec("sha256sum /root/noise")).stdout;
    await place.resize(1000 * MIB);
    expect((await session.save()).generation).toBe(2);
    await session.close();
    session = await boot({ machine: "a", store: place.again() });
    expect(session.opened).toEqual({ how: "warm", savedAt: expect.any(Date) });
    expect((await session.exec("cat /root/file /run/file")).stdout).toBe("4\n4\n");
    expect((await session.exec("sha256sum /root/noise")).stdout).toBe(sum);
    await session.close();
  } finally {
    await place.remove();
  }
}, 400_000);
