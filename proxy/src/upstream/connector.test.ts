import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { FORBIDDEN, PUBLIC } from "../../test/support/spellings.ts";
import { StreamError } from "../errors.ts";
import { Semaphore } from "../limits/semaphore.ts";
import { Policy, type PolicySettings } from "../policy/policy.ts";
import { Connector } from "./connector.ts";

const SETTINGS: PolicySettings = {
  mode: "enforce",
  ports: [80],
  udpPorts: [],
  allowHosts: [],
  denyHosts: [".internal"],
  directAddresses: "allow",
  allowAddresses: [],
  denyAddresses: [],
  ownAddresses: ["45.33.32.156"],
};

/** Goes all the way of a stream without a network: what would have been connected to is written down. */
async function connectTo(
  text: string,
  answers: readonly string[],
  settings: Partial<PolicySettings> = {},
  refusing: readonly string[] = [],
) {
  const dialled: string[] = [];
  const policy = new Policy({ ...SETTINGS, ...settings });
  const connector = new Connector({
    policy,
    resolver: { resolve: async () => [...answers], lookUp: async () => [] },
    dial: async (address) => {
      dialled.push(address);
      if (refusing.includes(address)) throw new StreamError("connect-refused", "refused");
      return {} as Socket;
    },
    nameTimeoutMs: 1000,
    connectTimeoutMs: 1000,
  });
  const { signal } = new AbortController();
  try {
    const host = policy.parseHost(text);
    policy.checkDestination(host, 80, "tcp");
    const addresses = await connector.addresses(host, 80, "tcp", new Semaphore(1), signal);
    await connector.connect(addresses, 80, () => true, signal);
    return { dialled, code: null };
  } catch (error) {
    return { dialled, code: (error as StreamError).code };
  }
}

describe("nothing is dialled", () => {
  it("for a forbidden destination", async () => {
    for (const host of FORBIDDEN) expect((await connectTo(host, ["127.0.0.1"])).dialled, host).toEqual([]);
  });

  it("for a name that leads to one, alone or beside a public address", async () => {
    const literals = FORBIDDEN.filter((each) => /^[\d.]+$|:/.test(each));
    expect(literals.length).toBeGreaterThan(60);
    for (const address of literals)
      for (const answers of [[address], ["93.184.216.34", address], [address, "93.184.216.34"]])
        expect(await connectTo("site.example", answers), address).toEqual({ dialled: [], code: "address-denied" });
  });
});

it("public addresses are dialled as they were checked", async () => {
  for (const address of PUBLIC)
    expect(await connectTo("site.example", [address])).toEqual({ dialled: [address], code: null });
});

it("one address after the other, three at most, and the first failure is told", async () => {
  const answers = ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"];
  expect(await connectTo("site.example", answers, {}, ["1.1.1.1"])).toEqual({
    dialled: ["1.1.1.1", "1.1.1.2"],
    code: null,
  });
  expect(await connectTo("site.example", answers, {}, answers)).toEqual({
    dialled: answers.slice(0, 3),
    code: "connect-refused",
  });
});

it("names only, when the operator says so", async () => {
  expect(await connectTo("1.1.1.1", [], { directAddresses: "deny" })).toEqual({ dialled: [], code: "host-denied" });
  expect(await connectTo("site.example", ["1.1.1.1"], { directAddresses: "deny" })).toMatchObject({ code: null });
});

it("an address on the deny list is denied in all its spellings", async () => {
  const settings = { denyHosts: ["2606:4700::1111"] };
  for (const text of ["2606:4700::1111", "2606:4700:0:0:0:0:0:1111", "2606:4700:0::1111"])
    expect(await connectTo(text, [], settings), text).toEqual({ dialled: [], code: "host-denied" });
  expect(await connectTo("2606:4700::1112", [], settings)).toMatchObject({ dialled: ["2606:4700::1112"] });
});

it("ranges that the operator closed are closed to names too, in report mode, and within what is opened", async () => {
  const closed = { denyAddresses: ["93.184.216.0/24", "2606:4700::/32", "10.1.0.0/16"] };
  const opened = [{ range: "10.0.0.0/8", ports: [80] }];
  for (const mode of ["enforce", "report"] as const)
    for (const address of ["93.184.216.34", "2606:4700::1111", "10.1.2.3"]) {
      const settings = { ...closed, mode, allowAddresses: opened };
      const denied = { dialled: [], code: "address-denied" };
      expect(await connectTo(address, [], settings), address).toEqual(denied);
      expect(await connectTo("site.example", ["8.8.8.8", address], settings), address).toEqual(denied);
    }
  expect(await connectTo("site.example", ["93.184.217.1"], closed)).toEqual({ dialled: ["93.184.217.1"], code: null });
  expect(new Policy({ ...SETTINGS, ...closed }).allowsAnswer("93.184.216.34")).toBe(false);
});
