/** A guest that stops reading. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { median } from "../bench/stats.ts";
import { FLOOD_BYTES, PORT } from "./support/services.ts";
import { setUp } from "./support/set-up.ts";

const PAUSE_S = Number(process.env["WARMBOOT_PAUSE_SECONDS"] ?? 10);
const GROWTH_BYTES = 8 * 2 ** 20;
/** WHY several, and the one in the middle: a process also gives back what it freed long ago, or compiles something meanwhile. */
const TRIES = 3;
/** What the server can hand over meanwhile: windows and buffers all the way, half of what it has. */
const SENT_BYTES = FLOOD_BYTES / 2;

/** Connects when it is told to, reads a line, then nothing until it is told to. */
const PROGRAM = `
import socket, hashlib
print("ready", flush=True)
input()
connection = socket.create_connection(("services.example", ${PORT.flood}))
print(connection.recv(6, socket.MSG_WAITALL), flush=True)
input()
size, hash = 0, hashlib.sha256()
while data := connection.recv(65536):
    size += len(data)
    hash.update(data)
print(size, hash.hexdigest(), flush=True)`;

/**
 * Writes to most of the guest's memory. WHY: the computer gives the emulator memory when the guest first uses it, and what the guest's kernel
 * keeps of a transfer would count as the session's.
 */
const USE_MEMORY = "python3 -c \"bytes(b'x') * (170 << 20)\"";

const at = setUp();

async function start() {
  const program = await at.guest.start("python3", "-c", PROGRAM);
  expect(await program.next()).toBe("ready");
  return {
    connect: async () => {
      await program.tell("\n");
      expect(await program.next()).toBe("b'hello\\n'");
    },
    /** Lets it read; what it got. */
    read: async () => {
      await program.tell("\n");
      return program.next();
    },
  };
}

/** The most memory that is in use at any time while a pause lasts. */
async function mostMemory(): Promise<{ relay: number; session: number }> {
  const most = { relay: 0, session: 0 };
  for (let i = 0; i < PAUSE_S * 4; i++) {
    await sleep(250);
    most.relay = Math.max(most.relay, at.lab.relay.rss());
    most.session = Math.max(most.session, await at.lab.memory());
  }
  return most;
}

it(`is waited for, ${PAUSE_S} s, in little memory, and then gets every byte`, async () => {
  await at.guest.run(USE_MEMORY);
  const expected = `${FLOOD_BYTES} ${at.lab.services.floodHash}`;
  // WHY: what the guest, the emulator and the relay take once, for the first transfer of its kind, is not what is asked about.
  const first = await start();
  await first.connect();
  expect(await first.read()).toBe(expected);
  const mb = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const growths: { relay: number; session: number }[] = [];
  for (let i = 0; i < TRIES; i++) {
    const stopped = await start();
    const before = await mostMemory();
    await stopped.connect();
    const most = await mostMemory();
    const growth = { relay: most.relay - before.relay, session: most.session - before.session };
    const sent = at.lab.services.flooded;
    const text = `growth in ${PAUSE_S} s: relay ${mb(growth.relay)} MiB, session ${mb(growth.session)} MiB`;
    console.log(`${text}; it was sent ${mb(sent)} MiB of ${mb(FLOOD_BYTES)}`);
    // WHY besides the memory: what the transfer before has taken is used again.
    expect(sent).toBeLessThanOrEqual(SENT_BYTES);
    expect(await stopped.read()).toBe(expected);
    growths.push(growth);
  }
  expect(median(growths.map(({ relay }) => relay))).toBeLessThanOrEqual(GROWTH_BYTES);
  expect(median(growths.map(({ session }) => session))).toBeLessThanOrEqual(GROWTH_BYTES);
});
