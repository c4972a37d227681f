import { describe, expect, it } from "vitest";
import { readAddress } from "./address.ts";

const read = (query: string) => readAddress(new URL(`https://site.example/app/${query}`));
const standard = {
  kind: "machine",
  image: "https://site.example/app/images/default/image.json",
  memoryMb: null,
  diskMb: null,
  coldBoot: false,
  machine: "default",
  network: true,
};

describe("readAddress", () => {
  it("opens the same machine with and without ?engine=kernel", () => {
    expect(read("")).toEqual(standard);
    expect(read("?engine=kernel")).toEqual(standard);
  });

  it.each(["", "KERNEL", "wasm", "toString", "__proto__"])("does not know the engine %j", (engine) => {
    expect(read(`?engine=${engine}`)).toEqual({ kind: "unknown-engine", engine });
  });

  it("takes memory, the size of the disk, and image", () => {
    expect(read("?memory=512&disk-size=8192&image=/other/image.json")).toEqual({
      kind: "machine",
      image: "https://site.example/other/image.json",
      memoryMb: 512,
      diskMb: 8192,
      coldBoot: false,
      machine: null,
      network: true,
    });
  });

  it("takes an image of one's own", () => {
    expect(read("?bzImage=/my/bzImage&initrd=rootfs.cpio&cmdline=console%3DttyS0")).toEqual({
      kind: "machine",
      image: {
        bzImage: "https://site.example/my/bzImage",
        initrd: "https://site.example/app/rootfs.cpio",
        cmdline: "console=ttyS0",
        agent: false,
      },
      memoryMb: null,
      diskMb: null,
      coldBoot: false,
      machine: null,
      network: true,
    });
    expect(read("?boot=cold")).toEqual({ ...standard, coldBoot: true });
    expect(read("?bzImage=k&disk=d&agent=1")).toMatchObject({
      image: { disk: "https://site.example/app/d", agent: true },
    });
  });

  it("keeps the machine that is named, the default one too, and none on another image or when it must not", () => {
    expect(read("?machine=my%20lab")).toEqual({ ...standard, machine: "my lab" });
    expect(read("?keep=no")).toEqual({ ...standard, machine: null });
    expect(read("?machine=lab&keep=no")).toMatchObject({ machine: null });
    expect(read("?image=/other/image.json&machine=lab")).toMatchObject({ machine: "lab" });
    expect(read("?bzImage=k&machine=lab")).toMatchObject({ machine: "lab" });
  });

  it.each([
    "?keep=",
    "?keep=yes",
    "?machine=",
    `?machine=${"x".repeat(101)}`,
    "?boot=",
    "?boot=warm",
    "?bzImage=",
    "?bzImage=https://else.example/k",
    "?bzImage=k&disk=https://else.example/d",
    "?memory=",
    "?memory=-1",
    "?memory=1e3",
    "?memory=12.5",
    "?image=https://else.example/image.json",
    "?image=//else.example/i",
    "?image=data:,x",
    "?image=http://[",
  ])("explains %s", (query) => {
    expect(read(query)).toMatchObject({ kind: "unusable" });
  });
});
