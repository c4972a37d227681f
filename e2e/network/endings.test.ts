/** Connections that end, or never begin. */
import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { FORBIDDEN, PORT } from "./support/services.ts";
import { setUp } from "./support/set-up.ts";

/** What a connection attempt came to. */
const ATTEMPT = `
import errno, socket
def attempt(host, port):
    try: return socket.create_connection((host, port), 120)
    except socket.gaierror as error: print(host, "gai", error.errno == socket.EAI_NONAME)
    except OSError as error: print(host, errno.errorcode.get(error.errno, error))`;

const at = setUp();

it("half-close: the server hears the end, and its answer arrives after it", async () => {
  expect(await at.guest.run(`printf hello | nc -N -w 60 services.example ${PORT.count}`)).toBe("got 5 and the end\n");
  const program = `
import socket
connection = socket.create_connection(("services.example", ${PORT.count}))
connection.sendall(b"x" * 300000)
connection.shutdown(socket.SHUT_WR)
print(connection.makefile().read(), end="")`;
  expect(await at.guest.python(program)).toBe("got 300000 and the end\n");
});

it("refused", async () => {
  expect(await at.guest.python(`${ATTEMPT}\nattempt("services.example", ${PORT.closed})`)).toBe(
    "services.example ECONNREFUSED\n",
  );
});

it("reset by the server, after what it had sent", async () => {
  const program = `${ATTEMPT}
connection = attempt("services.example", ${PORT.reset})
print(connection.recv(100))
connection.sendall(b"x")
try: print(connection.recv(100))
except OSError as error: print(errno.errorcode[error.errno])`;
  expect(await at.guest.python(program)).toBe("b'hello\\n'\nECONNRESET\n");
});

it("a server that does not answer costs its own client time, and nobody else", async () => {
  const output = await at.guest.run(`
    curl -sS -m 25 http://services.example:${PORT.blackHole}/ & pid=$!
    curl -sS http://site.example/
    kill -0 $pid && echo waiting
    wait $pid; echo $?`);
  expect(output).toBe("http site.example\nwaiting\n28\n");
});

it("a name that is not there", async () => {
  const { exitCode, stderr } = await at.guest.try("curl -sS http://missing.example/");
  expect([exitCode, stderr]).toEqual([6, expect.stringContaining("Could not resolve host: missing.example")]);
  expect(await at.guest.python(`${ATTEMPT}\nattempt("missing.example", 80)`)).toBe("missing.example gai True\n");
});

it("addresses that are not public are denied, by number and by name, and nothing gets there", async () => {
  // Its own loopback is the guest's business.
  const addresses = FORBIDDEN.filter((address) => !address.startsWith("127."));
  const names = ["inside.example", "metadata.example", "both.example"];
  const program = `${ATTEMPT}\nfor host in ${JSON.stringify([...addresses, ...names])}: attempt(host, 80)`;
  const lines = (await at.guest.python(program)).trim().split("\n");
  expect(lines).toEqual([
    ...addresses.map((address) => `${address} EHOSTUNREACH`),
    ...names.map((name) => expect.stringMatching(`^${name} gai `)),
  ]);
  expect(await at.guest.machine.blocked()).toEqual(addresses.map((address) => `${address}:80`));
  expect(at.lab.services.touched).toEqual([]);
  // The canary is awake.
  const socket = connect(80, "10.0.0.1");
  await once(socket, "data");
  socket.destroy();
  expect(at.lab.services.touched).toEqual(["10.0.0.1:80"]);
});
