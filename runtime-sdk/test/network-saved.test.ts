/** The network of machines that go on from a saved state. */
import { expect, inject, it } from "vitest";
import { type KernelSession, memoryStore } from "warmboot";
import { boot, Screen } from "./support/machine.ts";

const lab = inject("netLab");
const network = { relay: lab.relay };

/** Connects, then waits for bytes that never come; says how that ended. */
const WAITING = `
import socket, sys
connection = socket.create_connection(("silent.example", ${lab.silent}))
print(connection.recv(6), connection.getpeername()[0], flush=True)
try: print(connection.recv(100), flush=True)
except OSError as error: print(error.errno, flush=True)
sys.stdin.readline()
print(socket.create_connection(("echo.example", ${lab.echo})).getpeername()[1], flush=True)`;

async function waitingProgram(session: KernelSession): Promise<string> {
  const terminal = await session.spawn(["python3", "-c", WAITING], { pty: { cols: 200, rows: 40 } });
  const [, address] = await new Screen(terminal.stdout).until(/b'hello\\n' ([\d.]+)/);
  return String(address);
}

/** What becomes of the program that waited, in a machine that goes on. */
async function outcome(session: KernelSession): Promise<void> {
  const [restored] = session.terminals;
  if (!restored) throw new Error("the program is gone");
  const terminal = restored.attach({ cols: 200, rows: 40 });
  const screen = new Screen(terminal.stdout);
  // ECONNRESET, though it sends nothing itself.
  await screen.until(/\b104\b/);
  const writer = terminal.stdin.getWriter();
  await writer.write(new TextEncoder().encode("\n"));
  await screen.until(new RegExp(`\\b${lab.echo}\\b`));
}

it("a restored machine: who waits on an old connection learns that it is gone, names it knows go on meaning the same", async () => {
  const store = memoryStore();
  const first = await boot({ network, machine: "networked", store });
  const address = await waitingProgram(first);
  await first.save();
  await first.close();
  const second = await boot({ network, machine: "networked", store });
  expect(second.opened.how).toBe("warm");
  await outcome(second);
  // By the address alone: what it stands for came along with the machine.
  const { stdout } = await second.exec(
    `printf 'again' | nc -N -w 60 ${address} ${lab.echo} & nc -w 60 ${address} ${lab.silent} | head -1`,
  );
  expect(stdout).toContain("hello");
  await second.close();
});

it("a fork has a network of its own, and the machine that it was made from keeps its connections", async () => {
  const session = await boot({ network });
  await waitingProgram(session);
  const fork = await session.fork();
  await outcome(fork);
  expect((await fork.exec("ip -4 -o address show dev eth0")).stdout).toContain("inet 10.0.2.15/24");
  const own = await session.network.connections();
  expect(own.map(({ host, state }) => ({ host, state }))).toEqual([{ host: "silent.example", state: "open" }]);
  await fork.close();
  await session.close();
});

it("without a relay, a name and a connection fail at once", async () => {
  const session = await boot();
  expect(session.network.status).toEqual({ state: "off", reason: null, code: null, retryInMs: null });
  const { exitCode, stderr } = await session.exec("curl -sS -m 100 http://files.example/");
  expect([exitCode, stderr]).toEqual([6, expect.stringContaining("Could not resolve")]);
  await expect(session.network.setRelay({ relay: "https://x/" })).rejects.toMatchObject({ option: "network.relay" });
  await session.close();
});
