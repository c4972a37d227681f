import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "../stats.ts";
import { BenchClient, packet, READ_BYTES } from "./client.ts";
import { PORTS } from "./ports.ts";

/** WHY so many: a relay runs for weeks, and in the first fractions of a second it is the compiler that is measured. */
const DOWN_BYTES = 800_000_000;
const UP_BYTES = 800 * 2 ** 20;
/** Less of the line that the download is to fill is no download beside which an echo could be slow. */
const LEAST_FILLED = 0.5;
/** What a guest's connection sends at a time. */
const PACKET = new Uint8Array(16 * 1024);
const PINGS = 20;
/** A line of so many bytes a second, read so often. */
const LINE_BYTES_PER_SECOND = 10_000_000;
const LINE_TICK_MS = 5;

/** As MB/s. */
const rate = (bytes: number, ms: number): number => bytes / 1000 / ms;

/** Asks the server for so many bytes. */
function request(bytes: number): Buffer {
  const message = Buffer.alloc(4);
  message.writeUInt32LE(Math.ceil(bytes / 1024));
  return message;
}

/** MB/s from the server to the client over so many streams of one connection. */
export async function download(url: string, streams: number): Promise<number> {
  const client = await BenchClient.open(url);
  let received = 0;
  const started = performance.now();
  await new Promise<void>((resolve) => {
    const onData = (bytes: number) => {
      received += bytes;
      if (received >= DOWN_BYTES) resolve();
    };
    for (let i = 0; i < streams; i++) client.send(client.open(PORTS.send, { onData }), request(DOWN_BYTES / streams));
  });
  const ms = performance.now() - started;
  await client.close();
  return rate(received, ms);
}

/** The same over a plain connection. */
export async function rawDownload(port: number): Promise<number> {
  const started = performance.now();
  let received = 0;
  let done = () => {};
  const finished = new Promise<void>((resolve) => {
    done = resolve;
  });
  const onread = {
    buffer: Buffer.alloc(READ_BYTES),
    callback: (size: number) => {
      received += size;
      if (received >= DOWN_BYTES) done();
      return true;
    },
  };
  const socket = connect({ port, host: "127.0.0.1", onread });
  socket.write(request(DOWN_BYTES));
  await finished;
  const ms = performance.now() - started;
  socket.destroy();
  return rate(received, ms);
}

/** MB/s from the client to the server over so many streams of one connection, as far as their windows allow. */
export async function upload(url: string, streams: number): Promise<number> {
  const client = await BenchClient.open(url);
  const goal = Math.floor(UP_BYTES / streams / 2 ** 20);
  const started = performance.now();
  await Promise.all(
    Array.from(
      { length: streams },
      () =>
        new Promise<void>((resolve) => {
          let acknowledged = 0;
          let sent = 0;
          let window = client.window;
          let bytes: Buffer = Buffer.alloc(0);
          const send = () => {
            client.socket.cork();
            for (; window > 0 && sent < goal * 2 ** 20; window--, sent += PACKET.byteLength) client.sendPacket(bytes);
            client.socket.uncork();
          };
          const id = client.open(PORTS.swallow, {
            onData: (bytes) => {
              acknowledged += bytes;
              if (acknowledged === goal) resolve();
            },
            onWindow: (packets) => {
              window = packets;
              send();
            },
          });
          bytes = packet(id, PACKET);
          send();
        }),
    ),
  );
  const ms = performance.now() - started;
  await client.close();
  return rate(goal * streams * 2 ** 20, ms);
}

/** Median milliseconds of an echo of one byte beside a download that fills a line of 10 MB/s; NaN when the download stood still. */
export async function loadedEcho(url: string): Promise<number> {
  const client = await BenchClient.open(url);
  let received = 0;
  const started = performance.now();
  const line = setInterval(() => {
    const allowed = ((performance.now() - started) * LINE_BYTES_PER_SECOND) / 1000;
    if (received > allowed) client.socket.pause();
    else client.socket.resume();
  }, LINE_TICK_MS);
  const bulk = client.open(PORTS.send, {
    onData: (bytes) => {
      received += bytes;
      if (received > ((performance.now() - started) * LINE_BYTES_PER_SECOND) / 1000) client.socket.pause();
    },
  });
  client.send(bulk, request(DOWN_BYTES));
  await sleep(1000);
  let answered = () => {};
  const echo = client.open(PORTS.echo, { onData: () => answered() });
  const times: number[] = [];
  const [receivedBefore, pingsBegan] = [received, performance.now()];
  for (let i = 0; i < PINGS; i++) {
    const sent = performance.now();
    const answer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    client.send(echo, Uint8Array.of(1));
    await answer;
    times.push(performance.now() - sent);
  }
  // As long as a second, or a few quick answers would decide whether the line was filled.
  await sleep(Math.max(0, 1000 - (performance.now() - pingsBegan)));
  const filled = (received - receivedBefore) / (performance.now() - pingsBegan) / (LINE_BYTES_PER_SECOND / 1000);
  clearInterval(line);
  await client.close();
  return filled < LEAST_FILLED ? Number.NaN : quantile(times, 0.5);
}
