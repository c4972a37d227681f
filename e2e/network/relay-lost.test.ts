/** A relay that is killed in the middle of everything. */
import { expect, it } from "vitest";
import { PORT } from "./support/services.ts";
import { setUp } from "./support/set-up.ts";

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

const at = setUp();

it("connections are reset, and the next one works when it is back", async () => {
  // Idle, and in mid-transfer.
  const silent = await at.guest.start("nc", "services.example", String(PORT.silent));
  expect(await silent.next()).toBe("hello");
  const receiving = await at.guest.start("python3", "-c", PROGRAM);
  expect(await receiving.next()).toBe("b'hello\\n'");
  expect(await receiving.next()).toBe("receiving");

  const lost = at.guest.machine.until("lost");
  const killed = performance.now();
  await at.lab.relay.kill();
  await lost;
  const known = performance.now();
  expect(await receiving.next()).toBe("ECONNRESET");
  const reset = performance.now();
  // nc ends when its connection does.
  expect(await silent.next()).toBe(null);
  console.log(`known after ${(known - killed).toFixed(0)} ms, reset ${(reset - known).toFixed(0)} ms after that`);
  expect((await at.guest.try("curl -sS -m 100 http://site.example/")).exitCode).toBeGreaterThan(0);

  await at.lab.startRelay();
  await at.guest.machine.until("online");
  expect(await at.guest.run("curl -sS http://site.example/")).toBe("http site.example\n");
});
