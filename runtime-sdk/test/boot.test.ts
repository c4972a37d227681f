import { describe, expect, it } from "vitest";
import { type BootProgress, KernelSession } from "warmboot";
import { boot, imageUrl, rejection } from "./support/machine.ts";

describe("boot", () => {
  it("reports its stages and bytes, shows the kernel's console, and closes clean", async () => {
    const progress: BootProgress[] = [];
    let console = "";
    const session = await boot({
      onProgress: (p) => progress.push(p),
      onConsole: (text) => {
        console += text;
      },
      kernelArgs: "loglevel=7",
    });
    expect(session.state).toBe("running");
    expect([...new Set(progress.map((p) => p.stage))]).toEqual(["download", "start", "kernel", "agent", "ready"]);
    expect(progress.at(-1)?.loadedBytes).toBeGreaterThan(1_000_000);
    expect(progress.at(-1)?.totalBytes).toBeGreaterThan(1_000_000);
    expect(console).toMatch(/Linux version 6\.12/);
    expect(session.info).toMatchObject({ imageName: "default", memoryMb: 256 });
    const states: string[] = [];
    session.on("state", (state) => states.push(state));
    const waiting = rejection(session.exec("sleep 100"));
    await session.close();
    await session.close();
    expect(await waiting).toMatchObject({ code: "session-closed" });
    expect(states).toEqual(["closed"]);
    expect(await rejection(session.exec("true"))).toMatchObject({ code: "session-closed" });
    expect(await rejection(session.spawn(["true"]))).toMatchObject({ code: "session-closed" });
  });

  it("tells each chunk of the disk when it is first asked for", async () => {
    const chunks: number[] = [];
    await using session = await boot({ coldBoot: true, onChunk: (index) => chunks.push(index) });
    expect(chunks[0]).toBe(0);
    expect(new Set(chunks).size).toBe(chunks.length);
    const before = chunks.length;
    await session.exec("cat /usr/bin/git > /dev/null");
    expect(chunks.length).toBeGreaterThan(before);
  });

  it("gives the machine the memory asked for", async () => {
    await using session = await boot({ memoryMb: 128 });
    const { stdout } = await session.exec("awk '/MemTotal/ {print $2}' /proc/meminfo");
    expect(Number(stdout)).toBeGreaterThan(100_000);
    expect(Number(stdout)).toBeLessThan(131_072);
  });

  it("two machines do not share anything", async () => {
    const [a, b] = await Promise.all([boot(), boot()]);
    await a.exec("echo a > /root/x");
    expect((await b.exec("cat /root/x")).exitCode).toBe(1);
    const random = await Promise.all([a, b].map((s) => s.exec("head -c 16 /dev/urandom | sha256sum")));
    expect(random[0]?.stdout).not.toBe(random[1]?.stdout);
    await Promise.all([a.close(), b.close()]);
  });
});

describe("boot rejects", () => {
  it("when the image is not there", async () => {
    expect(await rejection(KernelSession.boot({ image: imageUrl("status-404-image.json") }))).toMatchObject({
      code: "artefact-missing",
      status: 404,
      file: expect.stringContaining("image.json"),
    });
  });

  it("when there is no server", async () => {
    const error = await rejection(KernelSession.boot({ image: "http://127.0.0.1:9/image.json" }));
    expect(error).toMatchObject({ code: "artefact-missing", status: null });
  });

  it("when the kernel is missing, naming it", async () => {
    expect(await rejection(boot({ image: imageUrl("status-403-bzImage"), coldBoot: true }))).toMatchObject({
      code: "artefact-missing",
      status: 403,
      file: expect.stringContaining("bzImage"),
    });
  });

  it("when the kernel is damaged, naming it and the hash", async () => {
    expect(await rejection(boot({ image: imageUrl("damage-bzImage"), coldBoot: true }))).toMatchObject({
      code: "artefact-damaged",
      file: expect.stringContaining("bzImage"),
      expected: expect.stringMatching(/^SHA-256 [0-9a-f]{64}$/),
      actual: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("when the manifest is not one", async () => {
    expect(await rejection(boot({ image: imageUrl("damage-image.json") }))).toMatchObject({ code: "artefact-damaged" });
  });

  it("on a kernel panic, with the log", async () => {
    const error = await rejection(boot({ kernelArgs: "root=/dev/nope" }));
    expect(error).toMatchObject({ code: "kernel-panic", reason: expect.stringContaining("VFS") });
    expect((error as unknown as { log: string[] }).log.join("\n")).toContain("Kernel panic");
  });

  it("when there is no working init", async () => {
    expect(await rejection(boot({ kernelArgs: "init=/no/init" }))).toMatchObject({ code: "kernel-panic" });
  });

  it("when the time is up, saying how far it came", async () => {
    expect(await rejection(boot({ timeoutMs: 50 }))).toMatchObject({ code: "boot-timeout" });
    expect(await rejection(boot({ timeoutMs: 8000, kernelArgs: "init=/bin/bash" }))).toMatchObject({
      code: "boot-timeout",
      message: expect.stringContaining("kernel"),
    });
  });

  it("when a download stalls and the caller gives up", async () => {
    const abort = new AbortController();
    const booting = boot({ image: imageUrl("stall-bzImage"), coldBoot: true, signal: abort.signal });
    setTimeout(() => abort.abort(new Error("enough")), 500);
    expect(await rejection(booting)).toMatchObject({ code: "aborted" });
    expect(await rejection(boot({ signal: AbortSignal.abort() }))).toMatchObject({ code: "aborted" });
  });

  it("bad options at once", async () => {
    expect(await rejection(boot({ memoryMb: 1 }))).toMatchObject({ code: "invalid-option", option: "memoryMb" });
  });
});
