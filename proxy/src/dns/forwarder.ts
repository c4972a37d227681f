import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { getServers } from "node:dns";
import { connect, isIPv6 } from "node:net";
import { withDeadline } from "../deadline.ts";
import { encodeQuery, isAnswerTo, isTruncated, type Question } from "./message.ts";

const DNS_PORT = 53;
/** After so long the next name server is asked, and each of them once again. */
const ATTEMPT_MS = 1500;
const ROUNDS = 2;

const noAnswer = () => new Error("the name server did not answer in time");

/** Asks the name servers what the relay does not look up by itself. */
export class Forwarder {
  readonly #servers: readonly string[];

  /** @param servers `address` or `address:port`; none: those of the system. */
  constructor(servers: readonly string[]) {
    this.#servers = servers.length > 0 ? servers : getServers();
  }

  /** @returns the answer as it came, with the id of the question. @throws what `signal` was aborted with, or Error */
  async ask(question: Question, signal: AbortSignal): Promise<Buffer> {
    let failure: unknown = new Error("there is no name server");
    for (let round = 0; round < ROUNDS; round++)
      for (const server of this.#servers) {
        try {
          return await withDeadline(signal, ATTEMPT_MS, noAnswer, (bounded) => askServer(server, question, bounded));
        } catch (error) {
          signal.throwIfAborted();
          failure = error;
        }
      }
    throw failure;
  }
}

/** `1.2.3.4`, `1.2.3.4:53`, `::1`, `[::1]:53`. */
export function parseServer(text: string): { address: string; port: number } {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(text);
  const plain = text.includes("::") || text.split(":").length > 2 ? null : /^([^:]+)(?::(\d+))?$/.exec(text);
  const [, address = text, port] = bracketed ?? plain ?? [];
  return { address, port: port === undefined ? DNS_PORT : Number(port) };
}

async function askServer(server: string, question: Question, signal: AbortSignal): Promise<Buffer> {
  const { address, port } = parseServer(server);
  const id = randomInt(0x10000);
  const byDatagram = await askByDatagram(address, port, question, id, signal);
  const answer = isTruncated(byDatagram) ? await askByStream(address, port, question, id, signal) : byDatagram;
  answer.writeUInt16BE(question.id, 0);
  return answer;
}

function askByDatagram(
  address: string,
  port: number,
  question: Question,
  id: number,
  signal: AbortSignal,
): Promise<Buffer> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const query = encodeQuery(question, id);
    const finish = (then: () => void) => {
      signal.removeEventListener("abort", onAbort);
      socket.close();
      then();
    };
    const onAbort = () => finish(() => reject(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.on("error", (error) => finish(() => reject(error)));
    socket.on("message", (message) => {
      if (isAnswerTo(message, question, id)) finish(() => resolve(message));
    });
    socket.connect(port, address, () => socket.send(query));
  });
}

function askByStream(
  address: string,
  port: number,
  question: Question,
  id: number,
  signal: AbortSignal,
): Promise<Buffer> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, signal });
    const query = encodeQuery(question, id);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.byteLength);
    const chunks: Buffer[] = [];
    let received = 0;
    const finish = (then: () => void) => {
      socket.destroy();
      then();
    };
    socket.on("error", (error) => finish(() => reject(signal.aborted ? signal.reason : error)));
    socket.on("end", () => finish(() => reject(new Error("the name server ended its answer early"))));
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      received += chunk.byteLength;
      if (received < 2) return;
      const all = Buffer.concat(chunks);
      const size = all.readUInt16BE(0);
      if (received < 2 + size) return;
      const message = all.subarray(2, 2 + size);
      finish(() =>
        isAnswerTo(message, question, id)
          ? resolve(message)
          : reject(new Error("the name server answered another question")),
      );
    });
    socket.write(Buffer.concat([length, query]));
  });
}
