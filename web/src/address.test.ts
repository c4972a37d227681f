import { describe, expect, it } from "vitest";
import { readAddress } from "./address.ts";

const read = (query: string) => readAddress(new URL(`https://site.example/app/${query}`));
const standard = { kind: "machine", image: "https://site.example/app/images/default/image.json", memoryMb: null };

describe("readAddress", () => {
  it("opens the same machine with and without ?engine=kernel", () => {
    expect(read("")).toEqual(standard);
    expect(read("?engine=kernel")).toEqual(standard);
  });

  it.each(["", "KERNEL", "wasm", "toString", "__proto__"])("does not know the engine %j", (engine) => {
    expect(read(`?engine=${engine}`)).toEqual({ kind: "unknown-engine", engine });
  });

  it("takes memory and image", () => {
    expect(read("?memory=512&image=/other/image.json")).toEqual({
      kind: "machine",
      image: "https://site.example/other/image.json",
      memoryMb: 512,
    });
  });

  it.each([
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
