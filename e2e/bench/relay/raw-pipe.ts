/** The least that a relay can do: two sockets and a pipe in each direction. Its own process. */
import { type AddressInfo, connect, createServer } from "node:net";
import { PORTS } from "./ports.ts";

const server = createServer((client) => {
  const upstream = connect(PORTS.send, "127.0.0.1");
  for (const socket of [client, upstream]) socket.on("error", () => {});
  client.on("close", () => upstream.destroy());
  client.pipe(upstream);
  upstream.pipe(client);
});
server.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as AddressInfo).port}`));
