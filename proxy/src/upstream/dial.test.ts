import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { dial } from "./dial.ts";

const OPTIONS = { timeoutMs: 10_000, signal: new AbortController().signal, receive: () => true };

it("a socket that came to another address than the one that was checked is not handed out", async () => {
  const server = createServer((socket) => socket.on("error", () => {}).resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, "connection");
  // The kernel takes the unspecified address for its own: the peer is 127.0.0.1.
  await expect(dial("0.0.0.0", port, OPTIONS)).rejects.toMatchObject({ code: "address-denied" });
  const [stray] = await accepted;
  if (!stray.closed) await once(stray, "close");
  // One that is what was checked is, in whichever spelling of it.
  for (const address of ["127.0.0.1", "::ffff:127.0.0.1"]) {
    const socket = await dial(address, port, OPTIONS);
    expect(socket.remotePort).toBe(port);
    socket.destroy();
  }
  server.close();
});
