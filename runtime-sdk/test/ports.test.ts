import { afterAll, beforeAll, expect, it } from "vitest";
import type { KernelSession, PortEvent } from "warmboot";
import { boot } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
});
afterAll(() => session?.close());

const watchers = async () => Number((await session.exec("pgrep -c -x -f '/usr/sbin/warmboot-agent ports'")).stdout);

/** Listens with python until its stdin ends. */
const listen = (family: string, address: string, port: number) =>
  session.spawn([
    "python3",
    "-c",
    `import socket,sys
s=socket.socket(socket.${family}); s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1); s.bind(("${address}",${port})); s.listen(); sys.stdin.read()`,
  ]);

it("tells which process begins and ceases to listen, on IPv4 and IPv6", async () => {
  await session.exec("ip link set lo up");
  const events: PortEvent[] = [];
  const off = session.on("port", (event) => events.push(event));
  const four = await listen("AF_INET", "127.0.0.1", 8123);
  const six = await listen("AF_INET6", "::", 9999);
  await expect.poll(() => events.length, { timeout: 60_000 }).toBe(2);
  const open = [...events].sort((a, b) => a.port - b.port);
  expect(open).toEqual([
    { port: 8123, address: "127.0.0.1", state: "listening", pid: four.pid, process: "python3" },
    { port: 9999, address: "::", state: "listening", pid: six.pid, process: "python3" },
  ]);

  const late: PortEvent[] = [];
  const offLate = session.on("port", (event) => late.push(event));
  await expect.poll(() => late.length).toBe(2);
  expect(late.map(({ port }) => port).sort()).toEqual([8123, 9999]);
  offLate();

  four.kill("SIGKILL");
  await expect.poll(() => events.length, { timeout: 60_000 }).toBe(3);
  expect(events[2]).toEqual({ ...open[0], state: "closed" });
  expect(await watchers()).toBe(1);
  off();
  off();
  await expect.poll(watchers).toBe(0);
  six.kill("SIGKILL");
  await Promise.all([four.exit, six.exit]);
});

it("tells of ports that were open before, and goes on when its process was killed", async () => {
  const server = await listen("AF_INET", "0.0.0.0", 8200);
  const events: PortEvent[] = [];
  const off = session.on("port", (event) => events.push(event));
  await expect.poll(() => events.length, { timeout: 60_000 }).toBe(1);
  expect(events[0]).toMatchObject({ port: 8200, address: "0.0.0.0", state: "listening" });
  await (await session.spawn(["pkill", "-9", "-f", "warmboot-agent ports"])).exit;
  server.kill("SIGKILL");
  await expect.poll(() => events.length, { timeout: 60_000 }).toBe(2);
  expect(events).toMatchObject([{ state: "listening" }, { port: 8200, pid: events[0]?.pid, state: "closed" }]);
  off();
  await expect.poll(watchers).toBe(0);
});

it("goes on after a reboot", async () => {
  const events: PortEvent[] = [];
  const off = session.on("port", (event) => events.push(event));
  await listen("AF_INET", "0.0.0.0", 8300);
  await expect.poll(() => events.length, { timeout: 60_000 }).toBe(1);
  await session.reboot();
  await expect.poll(() => events.length, { timeout: 60_000 }).toBe(2);
  expect(events[1]).toMatchObject({ port: 8300, state: "closed" });
  await listen("AF_INET", "0.0.0.0", 8301);
  await expect.poll(() => events.length, { timeout: 60_000 }).toBe(3);
  expect(events[2]).toMatchObject({ port: 8301, state: "listening" });
  off();
});
