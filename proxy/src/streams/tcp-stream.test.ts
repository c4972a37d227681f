import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, it } from "vitest";
import type { StreamHost } from "./stream.ts";
import { TcpStream } from "./tcp-stream.ts";

it("that was closed while it opened destroys the socket that comes all the same", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const sent: Uint8Array[] = [];
  let released = 0;
  const host = {
    id: 1,
    features: { version: 1, initialCredit: null, streamOpen: false, resolver: false, halfClose: false, udp: false },
    outbound: { control: (frame: Uint8Array) => sent.push(frame), offer: () => {} },
    inbound: { hold: (bytes: Uint8Array) => bytes, release: () => {} },
    windowPackets: 8,
    timeouts: { idleMs: 1000, lifetimeMs: 1000, lingerMs: 1000, lingerBytes: 1000 },
    forget: () => {},
    release: () => released++,
    counted: { up: 0, down: 0 },
  } as unknown as StreamHost;
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  // It does not listen to the signal.
  const stream = new TcpStream(host, async () => {
    await arrived;
    return socket;
  });
  stream.closeByClient(2);
  expect(released).toBe(1);
  arrive();
  await once(socket, "close");
  expect(released).toBe(1);
  expect(sent).toEqual([Uint8Array.of(4, 1, 0, 0, 0, 2)]);
  server.close();
});
