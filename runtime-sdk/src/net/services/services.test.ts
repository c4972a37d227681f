import { describe, expect, it } from "vitest";
import { parseIpv4 } from "../packet/addresses.ts";
import { getU16, getU32, setU32 } from "../packet/packet.ts";
import { answerDhcp, type Lease } from "./dhcp.ts";
import { DNS_TYPE, encodeName, RCODE, rcodeOf } from "./dns-message.ts";
import { DnsServer, type Resolver } from "./dns-server.ts";
import { isSynthetic, NameTable } from "./name-table.ts";
import { answerNtp } from "./ntp.ts";

const GATEWAY = 0x0a000202;
const lease: Lease = { address: 0x0a00020f, mask: 0xffffff00, gateway: GATEWAY, mtu: 1500, seconds: 3600 };

function dhcp(type: number, options: readonly number[] = [], current = 0): Uint8Array {
  const message = new Uint8Array(300);
  message.set([1, 1, 6, 0, 0xaa, 0xbb, 0xcc, 0xdd]);
  setU32(message, 12, current);
  message.set([2, 0, 0, 0, 0, 9], 28);
  message.set([0x63, 0x82, 0x53, 0x63, 53, 1, type, ...options, 255], 236);
  return message;
}

describe("DHCP", () => {
  const typeOf = (message: Uint8Array | undefined) => message?.[242];

  it("offers, gives and renews one address", () => {
    const offer = answerDhcp(dhcp(1), lease);
    expect([typeOf(offer?.payload), getU32(offer?.payload as Uint8Array, 16), offer?.destination]).toEqual([
      2,
      lease.address,
      0xffffffff,
    ]);
    const given = answerDhcp(dhcp(3, [50, 4, 10, 0, 2, 15, 54, 4, 10, 0, 2, 2]), lease);
    expect(typeOf(given?.payload)).toBe(5);
    // Transaction and hardware address are the client's.
    expect([...(given?.payload.subarray(4, 8) ?? [])]).toEqual([0xaa, 0xbb, 0xcc, 0xdd]);
    expect(given?.payload[33]).toBe(9);
    const options = [...(given?.payload.subarray(240) ?? [])].join(" ");
    for (const part of ["1 4 255 255 255 0", "3 4 10 0 2 2", "6 4 10 0 2 2", "51 4 0 0 14 16", "26 2 5 220"])
      expect(options).toContain(part);
    const renewed = answerDhcp(dhcp(3, [], lease.address), lease);
    expect([typeOf(renewed?.payload), renewed?.destination]).toEqual([5, lease.address]);
  });

  it("refuses another address, and is silent where another server is meant or nothing is asked", () => {
    expect(typeOf(answerDhcp(dhcp(3, [50, 4, 10, 0, 2, 99]), lease)?.payload)).toBe(6);
    expect(answerDhcp(dhcp(3, [50, 4, 10, 0, 2, 15, 54, 4, 10, 0, 2, 3]), lease)).toBe(null);
    expect(answerDhcp(dhcp(7), lease)).toBe(null);
    expect(answerDhcp(dhcp(1).subarray(0, 239), lease)).toBe(null);
    expect(answerDhcp(dhcp(0, [0, 0, 50, 200, 1]), lease)).toBe(null);
  });
});

it("NTP: answers clients, with the time", () => {
  const request = new Uint8Array(48);
  request[0] = 0x23;
  request.set([1, 2, 3, 4, 5, 6, 7, 8], 40);
  const reply = answerNtp(request, 1_000_500) as Uint8Array;
  expect([reply[0], [...reply.subarray(24, 32)]]).toEqual([0x24, [1, 2, 3, 4, 5, 6, 7, 8]]);
  expect([getU32(reply, 40) - 2208988800, getU32(reply, 44)]).toEqual([1000, 2 ** 31]);
  expect(answerNtp(request.subarray(1), 0)).toBe(null);
  request[0] = 0x24;
  expect(answerNtp(request, 0)).toBe(null);
});

describe("names", () => {
  it("get an address each, the same again", () => {
    const names = new NameTable(() => false);
    const [a, b] = [names.addressOf("a.example"), names.addressOf("b.example")] as [number, number];
    expect([isSynthetic(a), isSynthetic(b), a === b]).toEqual([true, true, false]);
    expect([names.addressOf("a.example"), names.nameOf(b), names.nameOf(1)]).toEqual([a, "b.example", null]);
    expect(new NameTable(() => false).addressOf("b.example")).toBe(b);
  });

  it("are forgotten when there are too many: those in use never, those used last not first", () => {
    let used = -1;
    const names = new NameTable((address) => address === used);
    const [first, second, third] = ["first.x", "second.x", "third.x"].map((name) => names.addressOf(name) as number);
    used = second as number;
    for (let i = 0; i < 8200; i++) {
      names.addressOf(`n${i}.x`);
      names.nameOf(third as number);
    }
    expect(names.size).toBe(8192);
    expect([first, second, third].map((address) => names.nameOf(address as number))).toEqual([
      null,
      "second.x",
      "third.x",
    ]);
  });

  it("come along with a saved machine, and nothing else does", () => {
    const names = new NameTable(() => false);
    const address = names.addressOf("a.example") as number;
    const other = new NameTable(() => false);
    const bad = [
      null,
      1,
      [],
      [1, "x.y"],
      [address + 1, 5],
      [address + 1, "no such\nname"],
      [address + 1, "a".repeat(300)],
      ["__proto__", "x"],
    ];
    other.restore([...bad, ...names.saved]);
    expect(other.saved).toEqual([[address, "a.example"]]);
  });
});

describe("DNS", () => {
  const query = (name: string, type: number, edns = false) => {
    const head = Uint8Array.from([
      0x12,
      0x34,
      1,
      0,
      0,
      1,
      0,
      0,
      0,
      0,
      0,
      Number(edns),
      ...encodeName(name),
      0,
      type,
      0,
      1,
    ]);
    return edns ? Uint8Array.from([...head, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]) : head;
  };
  const reply = (message: Uint8Array, rcode: number, answers: number, more = 0) => {
    const answer = new Uint8Array(message.byteLength + more);
    answer.set(message);
    answer[2] = 0x81;
    answer[3] = 0x80 | rcode;
    answer[7] = answers;
    return answer;
  };
  function server(
    kind: "resolver" | "none" | "off",
    resolve: Resolver["resolve"] = async () => Promise.reject(new Error()),
  ) {
    const asked: number[] = [];
    const names = new NameTable(() => false);
    const counted = (message: Uint8Array) => {
      asked.push(message.byteLength);
      return resolve(message);
    };
    const dns = new DnsServer(names, { ready: async () => kind, resolve: counted }, GATEWAY);
    const ask = async (name: string, type: number) => {
      const answer = (await dns.answer(query(name, type))) as Uint8Array;
      expect(getU16(answer, 0)).toBe(0x1234);
      const records = getU16(answer, 6);
      return [rcodeOf(answer), records === 1 && type === DNS_TYPE.A ? getU32(answer, answer.byteLength - 4) : records];
    };
    return { dns, names, ask, asked };
  }

  it("gives a name an address without asking where there is no resolver", async () => {
    const { ask, names } = server("none");
    const [rcode, address] = await ask("Files.Example", DNS_TYPE.A);
    expect([rcode, names.nameOf(address as number)]).toEqual([0, "files.example"]);
    expect(await ask("files.example", DNS_TYPE.AAAA)).toEqual([0, 0]);
    expect(await ask("files.example", DNS_TYPE.HTTPS)).toEqual([0, 0]);
    expect(await ask("files.example", 16)).toEqual([RCODE.NOT_IMPLEMENTED, 0]);
  });

  it("says what the relay's resolver says, and asks it once for a while", async () => {
    const codes: Record<string, [number, number]> = { there: [0, 2], gone: [3, 0], broken: [2, 0], empty: [0, 0] };
    const { ask, asked } = server("resolver", async (m) => {
      const first = String.fromCharCode(...m.subarray(13, 13 + (m[12] as number)));
      return reply(m, ...(codes[first] as [number, number]));
    });
    expect((await ask("there.x.y", DNS_TYPE.A))[0]).toBe(0);
    await ask("there.x.y", DNS_TYPE.A);
    await ask("there.x.y", DNS_TYPE.AAAA);
    expect(asked.length).toBe(1);
    expect(await ask("gone.x.y", DNS_TYPE.A)).toEqual([3, 0]);
    expect(await ask("gone.x.y", DNS_TYPE.AAAA)).toEqual([3, 0]);
    expect(await ask("broken.x.y", DNS_TYPE.A)).toEqual([2, 0]);
    expect(await ask("empty.x.y", DNS_TYPE.A)).toEqual([0, 0]);
    expect(await ask("there.x.y", 16)).toEqual([0, 2]);
  });

  it("fails at once without a relay, and when its resolver does not answer", async () => {
    expect(await server("off").ask("a.b", DNS_TYPE.A)).toEqual([RCODE.SERVER_FAILURE, 0]);
    expect(await server("resolver").ask("a.b", DNS_TYPE.A)).toEqual([RCODE.SERVER_FAILURE, 0]);
  });

  it("knows by itself what is nobody's name, localhost, and the names of addresses it gave", async () => {
    const { ask, names } = server("none");
    for (const name of ["single", "10.0.0.1", "a.0", "printer.local", "x.internal", "a.invalid"])
      expect(await ask(name, DNS_TYPE.A), name).toEqual([3, 0]);
    expect(await ask("localhost", DNS_TYPE.A)).toEqual([0, parseIpv4("127.0.0.1")]);
    const address = names.addressOf("a.example") as number;
    const reversed = [address & 255, (address >> 8) & 255, (address >> 16) & 255, address >>> 24].join(".");
    expect(await ask(`${reversed}.in-addr.arpa`, DNS_TYPE.PTR)).toEqual([0, 1]);
    expect(await ask("1.0.0.10.in-addr.arpa", DNS_TYPE.PTR)).toEqual([3, 0]);
  });

  it("cuts what is too long for a datagram, by what the guest says it takes", async () => {
    const { dns } = server("resolver", async (m) => reply(m, 0, 9, 800));
    const plain = (await dns.answerDatagram(query("a.b", 16))) as Uint8Array;
    expect([(plain[2] as number) & 2, plain.byteLength < 512]).toEqual([2, true]);
    const large = (await dns.answerDatagram(query("a.b", 16, true))) as Uint8Array;
    expect([(large[2] as number) & 2, large.byteLength > 800]).toEqual([0, true]);
  });

  it("answers any bytes with an error, or not at all", async () => {
    const seed = Number(process.env["WARMBOOT_SEED"] ?? Date.now() % 2 ** 31);
    let state = seed;
    const random = (limit: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % limit;
    };
    const { dns, names } = server("none");
    for (let i = 0; i < 5000; i++) {
      const message = query("files.example", DNS_TYPE.A, random(2) === 1).slice(0, 1 + random(50));
      for (let k = random(4); k > 0; k--) message[random(message.byteLength)] = random(256);
      const answer = await dns.answerDatagram(message);
      if (answer) expect((answer[2] as number) & 0x80, `seed ${seed}`).toBe(0x80);
    }
    for (const [, name] of names.saved) expect(name, `seed ${seed}`).toMatch(/^[a-z0-9._-]+$/);
  });
});
