/** A relay that is killed in the middle of everything. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Guest } from "./support/guest.ts";
import { Lab } from "./support/lab.ts";
import { PORT } from "./support/services.ts";

const PROGRAM = `
import errno, socket, time
connection = socket.create_connection(("services.example", ${PORT.flood}))
print(connection.recv(6, socket.MSG_WAITALL), flush=True)
connection.recv(100000, socket.MSG_WAITALL)
print("receiving", flush=True)
size = 0
try:
    while data := connection.recv(50000):
        size += len(data)
        # It is not to be done before the relay is gone.
        if size > 10_000_000: time.sleep(0.1)
    print("end")
except OSError as error: print(errno.errorcode[error.errno], flush=True)`;

let lab: Lab;
let guest: Guest;
beforeAll(async () => {
  lab = await Lab.open();
  guest = await lab.boot();
});
afterAll(async () => {
  await guest?.machine.close();
  await lab?.close();
});

it("connections are reset, and the next one works when it is back", async () => {
  // Idle, and in mid-transfer.
  const silent = await guest.start("nc", "services.example", String(PORT.silent));
  expect(await silent.next()).toBe("hello");
  const receiving = await guest.start("python3", "-c", PROGRAM);
  expect(await receiving.next()).toBe("b'hello\\n'");
  expect(await receiving.next()).toBe("receiving");

  const lost = guest.machine.until("lost");
  const killed = performance.now();
  await lab.relay.kill();
  await lost;
  const known = performance.now();
  expect(await receiving.next()).toBe("ECONNRESET");
  const reset = performance.now();
  // nc ends when its connection does.
  expect(await silent.next()).toBe(null);
  console.log(`known after ${(known - killed).toFixed(0)} ms, reset ${(reset - known).toFixed(0)} ms after that`);
  expect((await guest.try("curl -sS -m 100 http://site.example/")).exitCode).toBeGreaterThan(0);

  await lab.startRelay();
  await guest.machine.until("online");
  expect(await guest.run("curl -sS http://site.example/")).toBe("http site.example\n");
});
