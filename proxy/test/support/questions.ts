import type { TestStream } from "./client.ts";

/** A question as a guest sends it over TCP. */
export function query(id: number, name: string, type: number): Buffer {
  const labels = name.split(".").flatMap((label) => [Buffer.of(label.length), Buffer.from(label)]);
  const header = Buffer.alloc(14);
  header.writeUInt16BE(id, 2);
  header.writeUInt16BE(0x0100, 4);
  header.writeUInt16BE(1, 6);
  const end = Buffer.alloc(5);
  end.writeUInt16BE(type, 1);
  end.writeUInt16BE(1, 3);
  const message = Buffer.concat([header, ...labels, end]);
  message.writeUInt16BE(message.byteLength - 2, 0);
  return message;
}

export interface DnsAnswer {
  readonly id: number;
  readonly rcode: number;
  readonly answers: number;
  readonly message: Buffer;
}

/** The next answer on the stream. */
export async function readAnswer(stream: TestStream): Promise<DnsAnswer> {
  const whole = () => {
    const bytes = Buffer.concat(stream.chunks);
    return bytes.byteLength >= 2 && bytes.byteLength >= 2 + bytes.readUInt16BE(0) ? bytes : null;
  };
  await stream.until(() => whole() !== null);
  const bytes = whole() ?? Buffer.alloc(2);
  const size = bytes.readUInt16BE(0);
  stream.chunks.splice(0, stream.chunks.length, bytes.subarray(2 + size));
  const message = bytes.subarray(2, 2 + size);
  return {
    id: message.readUInt16BE(0),
    rcode: message.readUInt16BE(2) & 15,
    answers: message.readUInt16BE(6),
    message,
  };
}

export function ask(stream: TestStream, name: string, type: number): Promise<DnsAnswer> {
  stream.send(query(42, name, type));
  return readAnswer(stream);
}
