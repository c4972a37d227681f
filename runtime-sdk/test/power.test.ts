import { describe, expect, it } from "vitest";
import { boot, rejection } from "./support/machine.ts";

/** Seconds since the epoch on the guest's clock. */
async function guestClock(session: Awaited<ReturnType<typeof boot>>): Promise<number> {
  return Number((await session.exec("date +%s.%N")).stdout);
}

describe("pause and resume", () => {
  it("stops the machine, and its clock is right afterwards", async () => {
    await using session = await boot();
    const states: string[] = [];
    session.on("state", (state) => states.push(state));
    const counting = await session.spawn(["sh", "-c", "while :; do i=$((i+1)); echo $i; sleep 0.05; done"]);
    await session.pause();
    await session.pause();
    expect(session.state).toBe("paused");
    // What was on its way arrives; then nothing more.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const before = session.figures.instructions;
    const waiting = session.exec("echo $((6*7))");
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(session.figures.instructions).toBe(before);
    await session.resume();
    await session.resume();
    expect(session.state).toBe("running");
    expect((await waiting).stdout).toBe("42\n");
    expect(Math.abs((await guestClock(session)) - Date.now() / 1000)).toBeLessThan(1);
    counting.kill("SIGKILL");
    expect(states).toEqual(["paused", "running"]);
  });

  it("a paused machine can be closed, and is not taken for hung", async () => {
    // Long enough for the start on a busy computer, and exceeded by the pause.
    const session = await boot({ hangTimeoutMs: 4000 });
    await session.pause();
    const waiting = rejection(session.exec("true"));
    await new Promise((resolve) => setTimeout(resolve, 7000));
    expect(session.state).toBe("paused");
    await session.close();
    expect(await waiting).toMatchObject({ code: "session-closed" });
    expect(await rejection(session.resume())).toMatchObject({ code: "session-closed" });
  });
});

describe("reboot", () => {
  it("starts the machine anew on the same disk", async () => {
    await using session = await boot();
    await session.exec("echo $((123*456)) > /root/kept; echo gone > /run/gone");
    const running = await session.spawn(["sleep", "1000"]);
    const ended = rejection(running.exit);
    const states: string[] = [];
    session.on("state", (state) => states.push(state));
    await session.reboot();
    expect(states).toEqual(["booting", "running"]);
    expect(await ended).toMatchObject({ code: expect.stringMatching(/machine-restarted|process-ended/) });
    const { stdout } = await session.exec(
      "cat /root/kept; ls /run/gone; cut -d. -f1 /proc/uptime; dmesg | grep -c recovery",
    );
    const [kept, uptime, recoveries] = stdout.split("\n");
    expect(kept).toBe("56088");
    expect(Number(uptime)).toBeLessThan(60);
    expect(recoveries).toBe("0");
  });

  it("by force keeps what was synced, and the journal is replayed", async () => {
    await using session = await boot();
    await session.exec("echo $((11*11)) > /root/kept; sync; echo x > /root/other");
    const waiting = rejection(session.exec("sleep 1000"));
    await session.reboot({ force: true });
    expect(await waiting).toMatchObject({ code: "machine-restarted" });
    expect((await session.exec("cat /root/kept")).stdout).toBe("121\n");
    expect((await session.exec("dmesg | grep -c 'recovery complete'")).stdout).toBe("1\n");
  });

  it("from within works too, and a command waits for the machine", async () => {
    await using session = await boot();
    await session.exec("echo $((5*5)) > /root/kept");
    const booting = new Promise<void>((resolve) => {
      session.on("state", (state) => state === "booting" && resolve());
    });
    session.exec("reboot").catch(() => {});
    await booting;
    expect((await session.exec("cat /root/kept")).stdout).toBe("25\n");
    expect(session.state).toBe("running");
  });

  it("can be given up by signal, and has a time-out", async () => {
    await using session = await boot();
    expect(await rejection(session.reboot({ signal: AbortSignal.abort() }))).toMatchObject({ code: "aborted" });
    expect(await rejection(session.reboot({ force: true, timeoutMs: 1 }))).toMatchObject({ code: "boot-timeout" });
    // It goes on by itself.
    expect((await session.exec("echo $((3*3))")).stdout).toBe("9\n");
    expect(await rejection(session.reboot({ timeoutMs: -1 }))).toMatchObject({ code: "invalid-option" });
  });
});

describe("a machine that is shut down from within", () => {
  it("is off, says so, and can be started again with its files", async () => {
    await using session = await boot();
    await session.exec("echo $((7*11)) > /root/kept");
    const off = new Promise<void>((resolve) => {
      session.on("state", (state) => state === "off" && resolve());
    });
    session.exec("poweroff").catch(() => {});
    await off;
    expect(await rejection(session.exec("true"))).toMatchObject({ code: "machine-off" });
    expect(await rejection(session.pause())).toMatchObject({ code: "machine-off" });
    await session.reboot();
    expect((await session.exec("cat /root/kept")).stdout).toBe("77\n");
  });
});

describe("the disk", () => {
  it("has the size asked for", async () => {
    await using session = await boot({ diskMb: 8192 });
    const { stdout } = await session.exec("df --output=size -BM / | tail -1");
    expect(Number.parseInt(stdout, 10)).toBeGreaterThan(7500);
    // The new space can be used: beyond the image's 4 GiB as well.
    const file = await session.exec("fallocate -l 6G /root/large && stat -c %b /root/large");
    expect(Number(file.stdout)).toBeGreaterThan(12_000_000);
    expect(await rejection(boot({ diskMb: 100 }))).toMatchObject({ code: "invalid-option", option: "diskMb" });
  });
});
