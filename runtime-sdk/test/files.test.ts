import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KernelSession } from "warmboot";
import { failsWith, openHandles, run as runIn } from "./support/files.ts";
import { boot, randomBytes, readAll, sha256 } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
  await session.exec("mkdir /root/t");
});
afterAll(() => session?.close());

const run = (command: string) => runIn(session, command);
const handles = () => openHandles(session);

const MB = 2 ** 20;
describe("reading and writing", () => {
  it("writes text, bytes and streams, and reads them back", async () => {
    await session.files.write("/root/t/text", "grüße\n");
    expect(await run("cat /root/t/text")).toBe("grüße\n");
    expect(await session.files.readText("/root/t/text")).toBe("grüße\n");
    await session.files.write("/root/t/text", Uint8Array.of(0, 255, 10));
    expect(await session.files.read("/root/t/text")).toEqual(Uint8Array.of(0, 255, 10));
    await session.files.write("/root/t/text", new Response("streamed").body as ReadableStream<Uint8Array>);
    expect(await run("cat /root/t/text")).toBe("streamed");
    await session.files.write("/root/t/text", "");
    expect((await session.files.read("/root/t/text")).length).toBe(0);
  });

  it("moves 64 MB each way, unharmed", async () => {
    const bytes = randomBytes(64 * MB);
    const hash = await sha256(bytes);
    await session.files.write("/dev/shm/large", bytes);
    expect((await run("sha256sum /dev/shm/large")).slice(0, 64)).toBe(hash);
    expect(await sha256(await session.files.read("/dev/shm/large"))).toBe(hash);
    await run("rm /dev/shm/large");
  });

  it("appends", async () => {
    await session.files.append("/root/t/log", "one\n");
    await session.files.append("/root/t/log", "two\n");
    expect(await run("cat /root/t/log")).toBe("one\ntwo\n");
  });

  it("sets the mode of new and of known files, and leaves that of known ones when none is given", async () => {
    await session.files.write("/root/t/plain", "");
    await session.files.write("/root/t/tool", "", { mode: 0o4711 });
    await session.files.write("/root/t/tool", "#!/bin/sh\necho $((6*7))\n", { mode: 0o755 });
    await session.files.write("/root/t/plain", "again");
    expect(await run("stat -c %a /root/t/plain /root/t/tool; /root/t/tool")).toBe("644\n755\n42\n");
    await session.files.append("/root/t/tool", "exit 3\n", { mode: 0o700 });
    expect(await run("stat -c %a /root/t/tool")).toBe("700\n");
  });

  it("reads files of the kernel, whose size says nothing", async () => {
    expect(await session.files.readText("/proc/self/comm")).toBe("warmboot-agent\n");
    expect((await session.files.stat("/proc/self/comm")).size).toBe(0);
  });

  it("refuses more than maxBytes", async () => {
    await session.files.write("/root/t/ten", "0123456789");
    expect(await session.files.readText("/root/t/ten", { maxBytes: 10 })).toBe("0123456789");
    await failsWith(session.files.read("/root/t/ten", { maxBytes: 9 }), "EFBIG");
  });

  it("begins in the user's home, with the user's rights", async () => {
    await session.files.write("mine", "x", { user: "user" });
    expect(await run("stat -c '%U %n' /home/user/mine")).toBe("user /home/user/mine\n");
    expect(await session.files.realpath(".")).toBe("/root");
    await failsWith(session.files.read("/root/t/ten", { user: "user" }), "EACCES");
    await failsWith(session.files.write("/etc/passwd", "", { user: "user" }), "EACCES");
    expect((await session.files.read("/etc/passwd")).length).toBeGreaterThan(100);
  });
});

describe("streams", () => {
  it("reads a part", async () => {
    const bytes = randomBytes(1_000_000);
    await session.files.write("/root/t/part", bytes);
    const part = await session.files.readable("/root/t/part", { offset: 100_001, length: 300_000 });
    expect(await readAll(part)).toEqual(bytes.subarray(100_001, 400_001));
    expect(await readAll(await session.files.readable("/root/t/part", { offset: 999_999 }))).toEqual(
      bytes.subarray(-1),
    );
    expect((await readAll(await session.files.readable("/root/t/part", { offset: 2_000_000 }))).length).toBe(0);
  });

  it("goes on reading a file that is removed meanwhile", async () => {
    const bytes = randomBytes(3 * MB);
    await session.files.write("/root/t/gone", bytes);
    const stream = await session.files.readable("/root/t/gone");
    await session.files.remove("/root/t/gone");
    expect(await sha256(await readAll(stream))).toBe(await sha256(bytes));
    expect(await handles()).toBe(0);
  });

  it("holds the reading up while nobody reads, and closes the file when cancelled", async () => {
    await session.files.write("/root/t/part", randomBytes(2 * MB));
    const stream = await session.files.readable("/root/t/part");
    expect(await handles()).toBe(1);
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    expect(await handles()).toBe(0);
  });

  it("writes and continues through a writable", async () => {
    for (const [append, text] of [
      [false, "begin"],
      [true, " and end"],
    ] as const) {
      const writer = (await session.files.writable("/root/t/out", { append, mode: 0o600 })).getWriter();
      for (const letter of text) await writer.write(new TextEncoder().encode(letter));
      await writer.close();
    }
    expect(await run("cat /root/t/out; stat -c ' %a' /root/t/out")).toBe("begin and end 600\n");
    const writer = (await session.files.writable("/root/t/out")).getWriter();
    await writer.abort();
    expect(await run("stat -c %s /root/t/out")).toBe("0\n");
    expect(await handles()).toBe(0);
  });
});
