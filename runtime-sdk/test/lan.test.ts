/** Machines that share a LAN. */
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { KernelSession } from "warmboot";
import { boot } from "./support/machine.ts";

const { relay } = inject("netLab");
// WHY not fixed names: these tests run in several pages of one site at a time.
const [lan, otherLan] = [`test-${crypto.randomUUID()}`, `test-${crypto.randomUUID()}`];

const sessions: KernelSession[] = [];
let a: KernelSession;
let b: KernelSession;
let stranger: KernelSession;
beforeAll(async () => {
  for (const network of [{ lan, relay }, { lan }, { lan: otherLan }]) sessions.push(await boot({ network }));
  [a, b, stranger] = sessions as [KernelSession, KernelSession, KernelSession];
});
afterAll(() => Promise.all(sessions.map((session) => session.close())));

/** The address that the machine has on its LAN, when the guest has taken it. */
async function addressed(session: KernelSession): Promise<string> {
  await expect.poll(() => session.network.lanAddress, { timeout: 60_000 }).not.toBe(null);
  const command = `until ip -4 -o address show dev eth0 | grep -q "inet ${session.network.lanAddress}/24"; do sleep 0.1; done`;
  expect(await session.exec(command, { timeoutMs: 100_000 })).toMatchObject({ exitCode: 0 });
  return String(session.network.lanAddress);
}

async function run(session: KernelSession, command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await session.exec(command, { timeoutMs: 150_000 });
  expect({ command, exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return stdout;
}

it("have addresses of their own, and hardware addresses of their own", async () => {
  expect(await addressed(a)).not.toBe(await addressed(b));
  // Alone on its LAN.
  expect(await addressed(stranger)).toBe("10.0.2.15");
  const macs = await Promise.all([a, b].map((session) => run(session, "cat /sys/class/net/eth0/address")));
  expect(macs[0]).not.toBe(macs[1]);
});

it("ping each other", async () => {
  // WHY one each time: of several it does not wait for one that is slow.
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const)
    for (let i = 0; i < 3; i++)
      expect(await run(from, `ping -c 1 -W 20 ${await addressed(to)}`)).toContain("1 received");
});

it("serve each other, whole and in both directions", async () => {
  await run(a, "head -c 600000 /dev/urandom > /root/file");
  const [sent] = (await run(a, "sha256sum /root/file")).split(" ");
  const answer = "printf 'HTTP/1.0 200 OK\\r\\n\\r\\n'; cat /root/file";
  const server = await a.spawn(["sh", "-c", `{ ${answer}; } | nc -l -N -p 8000`]);
  await new Promise<void>((resolve) => {
    const stop = a.on("port", ({ port, state }) => {
      if (port !== 8000 || state !== "listening") return;
      queueMicrotask(() => stop());
      resolve();
    });
  });
  const url = `http://${await addressed(a)}:8000/file`;
  expect(await run(b, `curl -sSf -m 120 ${url} | sha256sum`)).toBe(`${sent}  -\n`);
  // Without a relay of its own it gets no further than the LAN.
  expect((await b.exec("curl -sS -m 60 http://files.example/")).exitCode).toBe(6);
  await server.exit;
});

it("are not reached from another LAN, and hear nothing of it", async () => {
  const capture: Uint8Array[] = [];
  const stop = new AbortController();
  const heard = (async () => {
    for await (const bytes of stranger.network.capture({ signal: stop.signal }) as AsyncIterable<Uint8Array>)
      capture.push(bytes);
  })();
  await run(stranger, "true");
  expect((await stranger.exec(`ping -c 1 -W 3 ${await addressed(b)}`)).exitCode).toBe(1);
  await run(a, `ping -c 2 -i 0.2 -W 1 -b 10.0.2.255 >/dev/null 2>&1; ping -c 1 -W 20 ${await addressed(b)}`);
  stop.abort();
  await heard;
  const macs = await Promise.all([a, b].map((session) => run(session, "cat /sys/class/net/eth0/address")));
  const text = capture
    .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""))
    .join("");
  for (const mac of macs) expect(text).not.toContain(mac.trim().replaceAll(":", ""));
});

it("and a fork of one gets another address, with which it reaches the others", async () => {
  const fork = await a.fork();
  sessions.push(fork);
  const address = await addressed(fork);
  expect([await addressed(a), await addressed(b)]).not.toContain(address);
  expect(await run(b, `ping -c 1 -W 20 ${address}`)).toContain("1 received");
  expect(await run(fork, `ping -c 1 -W 20 ${await addressed(b)}`)).toContain("1 received");
});

it("take no name that is none, and no LAN later", async () => {
  await expect(boot({ network: { lan: "a b" } })).rejects.toMatchObject({ option: "network.lan" });
  await expect(boot({ network: {} })).rejects.toMatchObject({ option: "network.relay" });
  const options = { relay, lan: "x" };
  await expect(a.network.setRelay(options)).rejects.toMatchObject({ option: "network.lan" });
});
