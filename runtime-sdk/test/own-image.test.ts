import { describe, expect, inject, it } from "vitest";
import { KernelSession, type OwnImage } from "warmboot";
import { rejection } from "./support/machine.ts";

const base = `${inject("imageServer")}/plain/default/`;

/** Address of the default image's kernel: one that a person might bring. */
async function kernel(): Promise<string> {
  const manifest = (await (await fetch(`${base}image.json`)).json()) as { kernel: { file: string } };
  return base + manifest.kernel.file;
}

/** A cpio archive (newc) with these files: an initrd. */
function cpio(files: Record<string, { data: Uint8Array | string; mode: number }>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const utf8 = new TextEncoder();
  let size = 0;
  const push = (bytes: Uint8Array) => {
    const padding = (4 - ((size + bytes.length) % 4)) % 4;
    parts.push(bytes, new Uint8Array(padding));
    size += bytes.length + padding;
  };
  let inode = 1;
  for (const [name, { data, mode }] of [...Object.entries(files), ["TRAILER!!!", { data: "", mode: 0 }] as const]) {
    const bytes = typeof data === "string" ? utf8.encode(data) : data;
    const fields = [inode++, mode, 0, 0, 1, 0, bytes.length, 0, 0, 5, 1, name.length + 1, 0];
    push(utf8.encode(`070701${fields.map((n) => n.toString(16).padStart(8, "0")).join("")}${name}\0`));
    push(bytes);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** i386 machine code: write(1, text), then pause() for ever. A program without a C library. */
function program(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const base = 0x08048000;
  const header = 84;
  // biome-ignore format: one instruction a line
  const code = [
    0xbb, 1, 0, 0, 0, // mov ebx, 1
    0xb9, 0, 0, 0, 0, // mov ecx, text
    0xba, bytes.length, 0, 0, 0, // mov edx, length
    0xb8, 4, 0, 0, 0, // mov eax, 4 (write)
    0xcd, 0x80,
    0xb8, 29, 0, 0, 0, // mov eax, 29 (pause)
    0xcd, 0x80,
    0xeb, 0xf7, // jmp to the pause
  ];
  const image = new Uint8Array(header + code.length + bytes.length);
  const view = new DataView(image.buffer);
  image.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  for (const [offset, value] of [
    [16, 0x00030002],
    [20, 1],
    [24, base + header],
    [28, 52],
    [40, 0x00200034],
    [44, 1],
    [52, 1],
    [56, 0],
    [60, base],
    [64, base],
    [68, image.length],
    [72, image.length],
    [76, 5],
    [80, 4096],
  ] as const)
    view.setUint32(offset, value, true);
  image.set(code, header);
  view.setUint32(header + 6, base + header + code.length, true);
  image.set(bytes, header + code.length);
  return image;
}

const initrd = () => cpio({ init: { data: program("init of an image of my own\n"), mode: 0o100755 } });

/** Resolves when the console has printed the text. */
function booted(image: OwnImage, text: string): Promise<KernelSession> {
  let console = "";
  return new Promise((resolve, reject) => {
    const booting = KernelSession.boot({
      image,
      onConsole: (piece) => {
        console += piece;
        if (console.includes(text)) booting.then(resolve, reject);
      },
    });
    booting.catch(reject);
  });
}

describe("an image of one's own", () => {
  it("boots from an address and an initrd in memory, has a console and no agent", async () => {
    await using session = await booted({ bzImage: await kernel(), initrd: initrd() }, "init of an image of my own");
    expect(session.state).toBe("running");
    expect(session.info).toMatchObject({ agent: "", memoryMb: 256, imageId: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await rejection(session.exec("true"))).toMatchObject({
      code: "no-agent",
      message: expect.stringContaining("agent"),
    });
    expect(await rejection(session.openTerminal())).toMatchObject({ code: "no-agent" });
    await session.pause();
    await session.resume();
    expect(session.state).toBe("running");
  });

  it("takes a disk by address, in pieces, and a command line; its agent answers when it has one", async () => {
    const disk = `${inject("imageServer")}/disk/default`;
    const image = {
      bzImage: await kernel(),
      disk,
      cmdline: "root=/dev/sda rw rootfstype=ext4 console=ttyS0 own=1",
      agent: true,
    };
    await using session = await KernelSession.boot({ image });
    expect((await session.exec("grep -c own=1 /proc/cmdline; id -un")).stdout).toBe("1\nroot\n");
    await session.exec("echo $((17*3)) > /root/kept");
    await session.reboot();
    expect((await session.exec("cat /root/kept")).stdout).toBe("51\n");
  });

  it("has a shell on the console that takes input", async () => {
    const disk = `${inject("imageServer")}/disk/default`;
    const image = {
      bzImage: new Blob([await (await fetch(await kernel())).arrayBuffer()]),
      disk,
      cmdline: "root=/dev/sda rw console=ttyS0 init=/bin/sh",
    };
    await using session = await booted(image, "# ");
    const seen = new Promise<string>((resolve) => {
      let text = "";
      session.on("console", (piece) => {
        text += piece;
        const found = /answer (\d+)/.exec(text);
        if (found) resolve(found[1] ?? "");
      });
    });
    session.writeConsole("echo answer $((1234*2))\n");
    expect(await seen).toBe("2468");
  });

  it("a panic of it is told, with the log", async () => {
    const image = { bzImage: await kernel(), cmdline: "console=ttyS0 panic=0" };
    const session = await KernelSession.boot({ image }).catch((error: Error) => error);
    const panic =
      session instanceof Error
        ? session
        : await new Promise((resolve) => {
            session.on("panic", resolve);
          });
    expect(panic).toMatchObject({ code: "kernel-panic", reason: expect.stringContaining("VFS") });
    if (!(session instanceof Error)) await session.close();
  });

  it("what cannot be booted is refused with a reason", async () => {
    const url = await kernel();
    expect(await rejection(KernelSession.boot({ image: { bzImage: new Uint8Array(4096) } }))).toMatchObject({
      code: "invalid-option",
      option: "image.bzImage",
      problem: expect.stringContaining("HdrS"),
    });
    expect(await rejection(KernelSession.boot({ image: { bzImage: `${base}nowhere` } }))).toMatchObject({
      code: "artefact-missing",
      status: 404,
    });
    expect(
      await rejection(KernelSession.boot({ image: { bzImage: url, initrd: initrd() }, memoryMb: 64 })),
    ).toMatchObject({
      code: "invalid-option",
      option: "memoryMb",
    });
    const unknown = { bzImage: url, kernel: url } as OwnImage;
    expect(await rejection(KernelSession.boot({ image: unknown }))).toMatchObject({ option: "image.kernel" });
  });
});
