import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeFrame, FrameDecoder } from "../../runtime-sdk/src/guest/frame-codec.ts";
import { encodeSpawnRequest, type SpawnRequest } from "../../runtime-sdk/src/guest/payload.ts";
import { buildNative, random, randomBytes } from "./agent-build.ts";

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly frames: readonly { type: number; flags: number; channel: number; payloadHex: string }[];
  readonly dropped: number;
  readonly tail: number;
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL("../../runtime-sdk/wire/vectors.json", import.meta.url), "utf8"),
);
const driver = buildNative("driver");

interface Input {
  readonly bytes: Buffer;
  /** 0: in one piece; otherwise the sizes of the pieces follow from it. */
  readonly seed: number;
}

/** What the C code prints for each input. */
function run(mode: "frames" | "requests", inputs: readonly Input[]): string[] {
  const records = inputs.flatMap(({ bytes, seed }) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(bytes.length, 0);
    head.writeUInt32LE(seed, 4);
    return [head, bytes];
  });
  const result = spawnSync(driver, [mode], { input: Buffer.concat(records), maxBuffer: 2 ** 30, encoding: "latin1" });
  if (result.status !== 0) throw new Error(`the driver failed (${result.status ?? result.signal}):\n${result.stderr}`);
  const lastLine = mode === "frames" ? /(?<=^end [^\n]*\n)/m : /(?<=\n)/;
  return result.stdout.split(lastLine);
}

/** What the driver must print, as the TypeScript codec sees it. */
function expected(bytes: Buffer): string {
  let text = "";
  let used = 0;
  const decoder = new FrameDecoder(({ type, flags, channel, payload }) => {
    const frame = Buffer.from(encodeFrame(type, channel, payload, flags)).toString("hex");
    text += `frame ${type} ${flags} ${channel} * ${frame.slice(0, 24)} ${frame.slice(24)}\n`;
    used += 12 + payload.length;
  });
  decoder.push(bytes);
  return `${text}end ${decoder.dropped} ${bytes.length - decoder.dropped - used}\n`;
}

/** The fifth word of a frame's line: bytes skipped before it, which the TypeScript codec does not tell. */
const withoutSkipped = (text: string) => text.replace(/^(frame \d+ \d+ \d+) \d+/gm, "$1 *");

describe("the agent's codec", () => {
  it.each(vectors)("decodes $name", (vector) => {
    const bytes = Buffer.from(vector.hex, "hex");
    const [whole, ...pieces] = run(
      "frames",
      [0, 1, 2, 3, 4, 5].map((seed) => ({ bytes, seed })),
    ) as [string, ...string[]];
    const lines = whole
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" "));
    const frames = lines.slice(0, -1).map(([, type, flags, channel, , , payloadHex]) => ({
      type: Number(type),
      flags: Number(flags),
      channel: Number(channel),
      payloadHex,
    }));
    expect(frames).toEqual(vector.frames);
    expect(lines.at(-1)).toEqual(["end", String(vector.dropped), String(vector.tail)]);
    for (const text of pieces) expect(text).toBe(whole);
  });

  it("decodes every beginning of a vector, in pieces, as the TypeScript codec does", () => {
    for (const vector of vectors.filter(({ hex }) => hex.length < 1000)) {
      const bytes = Buffer.from(vector.hex, "hex");
      const cuts = Array.from({ length: bytes.length + 1 }, (_, at) => ({
        bytes: bytes.subarray(0, at),
        seed: at + 1,
      }));
      expect(run("frames", cuts).map(withoutSkipped), vector.name).toEqual(cuts.map((cut) => expected(cut.bytes)));
    }
  });

  it("agrees with the TypeScript codec on 20,000 streams: valid, mutated, cut, random; whole and in pieces", () => {
    const below = random(20260);
    const streams = Array.from({ length: 20_000 }, (_, round) => {
      if (round % 6 === 5) return randomHeaders(below, below(300));
      const bytes = Buffer.concat(Array.from({ length: 1 + below(5) }, () => part(below)));
      if (round % 2) for (let i = below(6); i > 0; i--) if (bytes.length) bytes[below(bytes.length)] = below(256);
      return below(3) ? bytes : bytes.subarray(0, below(bytes.length + 1));
    });
    const whole = run(
      "frames",
      streams.map((bytes) => ({ bytes, seed: 0 })),
    );
    const pieces = run(
      "frames",
      streams.map((bytes, round) => ({ bytes, seed: round + 1 })),
    );
    for (const [round, bytes] of streams.entries()) {
      expect(withoutSkipped(whole[round] as string), `stream ${round}`).toBe(expected(bytes));
      expect(pieces[round], `stream ${round} in pieces`).toBe(whole[round]);
    }
  });
});

function part(below: (n: number) => number): Buffer {
  if (below(4) === 0) return randomBytes(below, below(40));
  const size = below(20) ? below(80) : below(4085);
  return Buffer.from(encodeFrame(below(256), below(7), randomBytes(below, size), below(3)));
}

/** Bytes that are often magic or the start of a header. */
function randomHeaders(below: (n: number) => number, size: number): Buffer {
  const common = [0x57, 0xb7, 0, 1];
  return Buffer.from(Array.from({ length: size }, () => (below(3) ? (common[below(4)] as number) : below(256))));
}

describe("the agent's parser of process requests", () => {
  const request: SpawnRequest = {
    argv: ["sh", "-c", "echo ö", ""],
    env: { A: "1", B: "" },
    cwd: "/tmp",
    user: "root",
    pty: { cols: 80, rows: 24 },
    stdinNull: false,
    clearEnv: true,
    login: true,
    stdoutCredit: 65536,
    stderrCredit: 4096,
  };
  const valid = Buffer.from(encodeSpawnRequest(request));
  const parse = (bytes: Buffer) => (run("requests", [{ bytes, seed: 0 }])[0] as string).trimEnd();
  const hex = (text: string) => Buffer.from(text).toString("hex");

  it("reads what the library writes", () => {
    const argv = request.argv.map(hex).join(" ");
    expect(parse(valid)).toBe(`request 13 80 24 65536 4096 4 4 argv ${argv} env ${hex("A=1")} ${hex("B=")}`);
  });

  const encode = (change: Partial<SpawnRequest>) => Buffer.from(encodeSpawnRequest({ ...request, ...change }));
  const unknownFlag = Buffer.from(valid);
  unknownFlag[0] = 0x1d;
  const hugeCount = Buffer.from(valid);
  hugeCount.writeUInt32LE(0xffffffff, 16 + 8 + 8);
  const refused: [string, Buffer][] = [
    ["no bytes", Buffer.alloc(0)],
    ["one byte too many", Buffer.concat([valid, Buffer.alloc(1)])],
    ["no argument", encode({ argv: [] })],
    ["4097 arguments", encode({ argv: Array(4097).fill("") })],
    ["4097 variables", encode({ env: Object.fromEntries(Array.from({ length: 4097 }, (_, i) => [`V${i}`, ""])) })],
    ["NUL in an argument", encode({ argv: ["a\0b"] })],
    ["a variable without a name", encode({ env: { "": "x" } })],
    ["an unknown flag", unknownFlag],
    ["a count beyond the payload", hugeCount],
    ["a terminal with stdin from /dev/null", encode({ stdinNull: true })],
  ];
  it.each(refused)("refuses %s", (_name, bytes) => expect(parse(bytes)).toBe("error 22"));

  it("takes 4096 arguments and 4096 variables", () => {
    const env = Object.fromEntries(Array.from({ length: 4096 }, (_, i) => [`V${i}`, "x"]));
    expect(parse(encode({ argv: Array(4096).fill("a"), env }))).toMatch(/^request /);
  });

  it("refuses a request cut off anywhere", () => {
    const cuts = Array.from({ length: valid.length }, (_, at) => ({ bytes: valid.subarray(0, at), seed: 0 }));
    for (const [at, text] of run("requests", cuts).entries()) expect(text, `cut at ${at}`).toBe("error 22\n");
  });

  it("survives 20,000 mutated requests", () => {
    const below = random(77);
    const inputs = Array.from({ length: 20_000 }, () => {
      const bytes = below(10) ? Buffer.from(valid) : randomBytes(below, below(200));
      for (let i = 1 + below(4); i > 0 && bytes.length; i--)
        bytes[below(bytes.length)] = below(2) ? below(256) : ([0, 1, 0x7f, 0xff][below(4)] as number);
      return { bytes, seed: 0 };
    });
    const answers = run("requests", inputs);
    expect(answers.length).toBe(inputs.length);
    for (const answer of answers) expect(answer).toMatch(/^(request |error 22\n)/);
  });
});
