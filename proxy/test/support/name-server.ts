import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import ipaddr from "ipaddr.js";
import {
  encodeAnswer,
  parseQuery,
  type Question,
  RCODE,
  RECORD_TYPE,
  type ResourceRecord,
} from "../../src/dns/message.ts";

/** What a name is answered with; `null`: nothing at all. */
export type Zone = (question: Question, count: number) => Buffer | null | Promise<Buffer | null>;

/** A name server that answers as a test says. */
export class NameServer {
  readonly #udp: Socket = createSocket("udp4");
  readonly #tcp: Server = createServer();
  readonly zones = new Map<string, Zone>();
  /** Names that were asked, with their type. */
  readonly asked: string[] = [];
  port = 0;

  static async open(): Promise<NameServer> {
    const server = new NameServer();
    server.#udp.bind(0, "127.0.0.1");
    await once(server.#udp, "listening");
    server.port = server.#udp.address().port;
    server.#udp.on("message", async (message, { port, address }) => {
      const answer = await server.#answer(message);
      if (answer) server.#udp.send(answer.byteLength > 512 ? truncated(answer, message) : answer, port, address);
    });
    server.#tcp.on("connection", (socket) => {
      socket.on("error", () => {});
      socket.on("data", async (data) => {
        const answer = await server.#answer(data.subarray(2));
        if (!answer) return;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.byteLength);
        socket.write(Buffer.concat([length, answer]));
      });
    });
    server.#tcp.listen(server.port, "127.0.0.1");
    await once(server.#tcp, "listening");
    return server;
  }

  /** Answers A and AAAA of a name with these addresses. */
  set(name: string, ...addresses: string[]): void {
    this.zones.set(name, (question) => addressAnswer(question, addresses));
  }

  async close(): Promise<void> {
    this.#udp.close();
    await new Promise((resolve) => this.#tcp.close(resolve));
  }

  async #answer(message: Uint8Array): Promise<Buffer | null> {
    const question = parseQuery(message);
    if (!question) return null;
    const name = (question.name ?? "").toLowerCase();
    const key = `${name} ${question.type}`;
    this.asked.push(key);
    const zone = this.zones.get(name);
    if (!zone) return encodeAnswer(question, RCODE.NXDOMAIN);
    return zone(question, this.asked.filter((each) => each === key).length);
  }
}

/** Records of the addresses that are of the family that was asked for. */
export function addressAnswer(question: Question, addresses: readonly string[], ttlSeconds = 0): Buffer {
  const records: ResourceRecord[] = addresses
    .map((address) => ({ address, type: address.includes(":") ? RECORD_TYPE.AAAA : RECORD_TYPE.A }))
    .filter(({ type }) => type === question.type)
    .map(({ address, type }) => ({ type, ttlSeconds, data: Uint8Array.from(ipaddr.parse(address).toByteArray()) }));
  return encodeAnswer(question, RCODE.NOERROR, records);
}

function truncated(answer: Buffer, query: Uint8Array): Buffer {
  const question = parseQuery(query);
  const short = question ? encodeAnswer(question, RCODE.NOERROR) : answer.subarray(0, 12);
  short.writeUInt16BE(short.readUInt16BE(2) | 0x0200, 2);
  return short;
}
