/** UDP by the relay. */
import { expect, it } from "vitest";
import { PORT } from "./support/services.ts";
import { setUp } from "./support/set-up.ts";

const at = setUp();

const PROGRAM = `
import errno, socket
def exchange(host, port, *messages):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(60)
        try:
            udp.connect((host, port))
            for message in messages:
                udp.send(message)
                answer = udp.recv(10000)
                print(answer == b"heard " + message, len(answer), udp.getpeername()[0].startswith("198.1"))
        except OSError as error: print(errno.errorcode.get(error.errno, error))
`;

it("datagrams go to a name's server and come back from the address that was asked", async () => {
  const program = `${PROGRAM}exchange("services.example", ${PORT.datagrams}, b"one", b"x" * 1400)`;
  expect(await at.guest.python(program)).toBe("True 9 True\nTrue 1406 True\n");
});

it("jumbo frames, for who wants them: datagrams beyond the usual size, and TCP as ever", async () => {
  await at.guest.run("ip link set eth0 mtu 9000");
  const large = `${PROGRAM}exchange("services.example", ${PORT.datagrams}, b"x" * 1473, b"y" * (9000 - 28 - 6))`;
  expect(await at.guest.python(large)).toBe("True 1479 True\nTrue 8972 True\n");
  expect(await at.guest.run(`head -c 300000 /dev/zero | nc -N -w 60 services.example ${PORT.count}`)).toBe(
    "got 300000 and the end\n",
  );
  expect((await at.guest.try("ip link set eth0 mtu 9001")).exitCode).not.toBe(0);
  await at.guest.run("ip link set eth0 mtu 1500");
});

it("many flows at once, each gets its own answers", async () => {
  const program = `
import socket
flows = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(50)]
for i, udp in enumerate(flows):
    udp.settimeout(60)
    udp.sendto(b"%d" % i, ("services.example", ${PORT.datagrams}))
print(sum(udp.recv(100) == b"heard %d" % i for i, udp in enumerate(flows)))`;
  expect(await at.guest.python(program)).toBe("50\n");
});

it("a port that the relay does not allow is told of", async () => {
  const program = `
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("services.example", ${PORT.echo}))`;
  await at.guest.python(program);
  await expect.poll(() => at.guest.machine.blocked(), { timeout: 60_000 }).toEqual([`services.example:${PORT.echo}`]);
});
