/** Machines that go on from a saved state. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectBasics } from "./support/basics.ts";
import { Guest } from "./support/guest.ts";
import { Lab } from "./support/lab.ts";
import { PORT } from "./support/services.ts";

/** Two programs that wait on a connection, one with its name and one with its number in a file afterwards. */
const HOLD = `
for i in 1 2; do
  rm -f /root/ready-$i /root/outcome-$i
  python3 -c '
import errno, socket, sys
connection = socket.create_connection(("services.example", ${PORT.silent}))
connection.recv(6, socket.MSG_WAITALL)
open("/root/ready-" + sys.argv[1], "w").close()
try: outcome = repr(connection.recv(1))
except OSError as error: outcome = errno.errorcode[error.errno]
open("/root/outcome-" + sys.argv[1], "w").write(outcome + "\\n")' $i </dev/null >/dev/null 2>&1 &
done
until [ -e /root/ready-1 ] && [ -e /root/ready-2 ]; do sleep 0.1; done`;
const OUTCOMES =
  "until [ -s /root/outcome-1 ] && [ -s /root/outcome-2 ]; do sleep 0.1; done; cat /root/outcome-1 /root/outcome-2";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab?.close());

async function expectGoesOn(guest: Guest): Promise<void> {
  // An error, not a wait for ever.
  expect(await guest.run(OUTCOMES)).toBe("ECONNRESET\nECONNRESET\n");
  await expectBasics(guest);
  expect(await guest.run("ping -c1 -W 60 10.0.2.2")).toContain("1 received");
}

it("a restored machine and a fork have the whole network, and old connections end with an error", async () => {
  const first = await lab.boot({ saved: "saved" });
  await first.trust(lab.authority);
  await first.run(HOLD);
  await first.machine.save();
  await first.machine.close();

  const second = await lab.boot({ saved: "saved" });
  expect(await second.machine.opened()).toBe("warm");
  await expectGoesOn(second);

  await second.run(HOLD);
  const fork = new Guest(await second.machine.fork());
  await expectGoesOn(fork);
  // The machine that it was made from keeps its own.
  expect(await second.machine.connections()).toEqual(["services.example", "services.example"]);
  await expectBasics(second);
  await fork.machine.close();
  await second.machine.close();
});
