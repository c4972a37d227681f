import { describe, expect, it } from "vitest";
import type { KernelPanicError, WarmbootError } from "warmboot";
import { boot, imageUrl, rejection } from "./support/machine.ts";

/** A file that no boot reads. */
const COLD_FILE = "/usr/bin/git";

/** What tests before this one have read must come from the server again. */
async function forgetChunks(): Promise<void> {
  if (typeof caches === "undefined") return;
  for (const name of await caches.keys()) await caches.delete(name);
}

describe("a running machine", () => {
  it("tells of a kernel panic, and everything under way rejects with it", async () => {
    await using session = await boot();
    const panic = new Promise<KernelPanicError>((resolve) => session.on("panic", resolve));
    const running = rejection(session.exec("sleep 1000"));
    const fatal = rejection(session.exec("echo c > /proc/sysrq-trigger"));
    expect((await panic).reason).toContain("sysrq triggered crash");
    expect((await panic).log.join("\n")).toContain("Kernel panic - not syncing");
    expect(await running).toMatchObject({ code: "kernel-panic" });
    expect(await fatal).toMatchObject({ code: "kernel-panic" });
    expect(session.state).toBe("failed");
    expect(await rejection(session.exec("true"))).toMatchObject({ code: "kernel-panic" });
  });

  it("is not taken for panicked because a program says so", async () => {
    await using session = await boot();
    await session.exec("echo '[    1.000000] Kernel panic - not syncing: joke' > /dev/ttyS0; sleep 1");
    expect((await session.exec("echo $((7*7))")).stdout).toBe("49\n");
  });

  it.each([
    ["missing", "status-404-chunks~", "artefact-missing"],
    ["damaged", "damage-chunks~", "artefact-damaged"],
  ])("gets an I/O error for a %s chunk, the session names it, and both go on", async (_what, fault, code) => {
    await forgetChunks();
    const told: WarmbootError[] = [];
    await using session = await boot({ image: imageUrl(fault), onDiskError: (error) => told.push(error) });
    const reported: WarmbootError[] = [];
    session.on("disk-error", (error) => reported.push(error));
    const result = await session.exec(`cat ${COLD_FILE} > /dev/null`);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain("Input/output error");
    expect(reported[0]).toMatchObject({ code, file: expect.stringMatching(/chunks\/[0-9a-f]{64}\.bin$/) });
    expect(told).toEqual(reported);
    expect((await session.exec("echo $((8*8))")).stdout).toBe("64\n");
    expect(session.state).toBe("running");
  });
});
