import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A WebSocket of WISP version 1 whose bytes the test makes by itself. */
export async function rawSocket(port: number, path = "/wisp/"): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  );
  socket.on("error", () => {});
  await once(socket, "data");
  return socket;
}

/** A frame from a client, shorter than 126 bytes: its first byte, then what it carries. */
export const masked = (first: number, ...rest: number[]): number[] => [first, 0x80 | rest.length, 0, 0, 0, 0, ...rest];

/** Writes the bytes again and again, until the other end does not read any more for a while. @returns whether that happened */
export async function flood(socket: Socket, bytes: Uint8Array, most: number): Promise<boolean> {
  for (let i = 0; i < most; i++) {
    if (socket.write(bytes)) continue;
    const isStuck = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), 1500);
      socket.once("drain", () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
    if (isStuck) return true;
  }
  return false;
}
