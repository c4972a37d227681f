/** The server behind the relays: on its ports it sends what it is asked for, swallows and says how much, or echoes. Its own process. */
import { createServer, type Socket } from "node:net";
import { PORTS } from "./ports.ts";

const CHUNK = Buffer.alloc(64 * 1024, "x");

/** Sends as many KiB as the first four bytes say. */
function send(socket: Socket): void {
  let left = 0;
  const fill = () => {
    while (left > 0 && !socket.destroyed) {
      left -= CHUNK.byteLength;
      if (!socket.write(CHUNK)) return;
    }
  };
  socket.on("error", () => {});
  socket.on("drain", fill);
  socket.once("data", (request) => {
    left = request.readUInt32LE(0) * 1024;
    fill();
  });
}

/** Answers with one byte for each MiB that it has read. */
function swallow(socket: Socket): void {
  let read = 0;
  let told = 0;
  socket.on("error", () => {});
  socket.on("data", (data) => {
    read += data.byteLength;
    const due = Math.floor(read / 2 ** 20);
    if (due > told) socket.write(Buffer.alloc(due - told));
    told = due;
  });
}

function echo(socket: Socket): void {
  socket.on("error", () => {});
  socket.setNoDelay();
  socket.on("data", (data) => socket.write(data));
}

createServer(send).listen(PORTS.send, "127.0.0.1");
createServer(echo).listen(PORTS.echo, "127.0.0.1");
createServer(swallow).listen(PORTS.swallow, "127.0.0.1", () => console.log(`port ${PORTS.swallow}`));
