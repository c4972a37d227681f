import { expect, it, vi } from "vitest";
import type { EmbedPlace } from "./request.ts";

// What the settings listen to: there is no browser here.
vi.stubGlobal("addEventListener", () => {});
const { readEmbed } = await import("./request.ts");

const ALONE: EmbedPlace = { isFramedByStranger: false, siteRelay: "", otherRelays: true };
const FRAMED: EmbedPlace = { ...ALONE, isFramedByStranger: true };
const RELAY = "wisps://site.example/";
const read = (query: string, place: EmbedPlace = FRAMED) =>
  readEmbed(new URL(`https://a.example/linux/embed.html?${query}`), place);
const machine = (query: string, place?: EmbedPlace) => {
  const request = read(query, place);
  if (request.kind !== "machine") throw new Error(request.problem);
  return request.machine;
};
const asked = (query: string, place?: EmbedPlace) => {
  const request = read(query, place);
  return request.kind === "machine" ? request.ask : request.problem;
};

it("a machine that is not named is not kept, and starts without a question", () => {
  expect(machine("")).toMatchObject({ machine: null, cmd: null, readonly: false, network: "site" });
  expect(machine("").image).toBe("https://a.example/linux/images/default/image.json");
  expect(asked("")).toEqual([]);
  expect(asked("cmd=ls")).toEqual([]);
});

it("a kept machine in a foreign frame is asked about, and a command for it everywhere", () => {
  expect(asked("machine=work")).toEqual(["kept-machine"]);
  expect(asked("machine=work", ALONE)).toEqual([]);
  expect(asked("machine=work&cmd=ls")).toEqual(["kept-machine", "command-in-kept-machine"]);
  expect(asked("machine=work&cmd=ls", ALONE)).toEqual(["command-in-kept-machine"]);
});

it("a command that has a network is asked about in a foreign frame", () => {
  const place = { ...FRAMED, siteRelay: RELAY };
  expect(asked("cmd=ls", place)).toEqual(["command-with-network"]);
  expect(asked("", place)).toEqual([]);
  expect(asked("cmd=ls&relay=none", place)).toEqual([]);
  expect(asked("cmd=ls&network=off", place)).toEqual([]);
  expect(asked("cmd=ls", { ...place, isFramedByStranger: false })).toEqual([]);
});

it("the person's own relay is for their own page only, and another one is asked about", () => {
  expect(machine("", ALONE).network).toBe("choice");
  expect(machine("").network).toBe("site");
  expect(machine(`relay=${RELAY}`, { ...FRAMED, siteRelay: RELAY }).network).toBe("site");
  expect(machine("relay=wisps://b.example/", ALONE).network).toEqual({ relay: "wisps://b.example/" });
  for (const place of [ALONE, FRAMED]) {
    expect(asked("relay=wisps://b.example/", place)).toEqual(["foreign-relay"]);
    expect(asked("relay=wisps://b.example/&cmd=ls", place)).toEqual(["foreign-relay", "command-with-network"]);
  }
});

it.each([
  ["relay=wisps://b.example/&machine=work", "relay: "],
  ["relay=wisp://b.example/", "relay: "],
  ["relay=https://b.example/", "relay: "],
  ["image=https://b.example/image.json", "image: "],
  ["engine=turbo", "engine: "],
  ["theme=pink", "theme: "],
  ["loading=now", "loading: "],
  ["font-size=99", "font-size: "],
  ["memory=lots", "memory: "],
  ["bzImage=./linux", "bzImage: "],
  ["boot=cold", "boot: "],
  [`cmd=${"x".repeat(4001)}`, "cmd: "],
])("%s cannot be used", (query, problem) => {
  expect(read(query)).toMatchObject({ kind: "unusable", problem: expect.stringContaining(problem) });
});

it("where the site allows no other relay, none is asked about", () => {
  expect(asked("relay=wisps://b.example/", { ...FRAMED, otherRelays: false })).toContain("no relay but its own");
});
