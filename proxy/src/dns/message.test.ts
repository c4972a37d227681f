import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseServer } from "./forwarder.ts";
import { encodeAnswer, encodeQuery, isAnswerTo, parseQuery, QueryError, RCODE, RECORD_TYPE } from "./message.ts";
import { isPrivateReverse } from "./service.ts";

const SEED = Number(process.env["WARMBOOT_SEED"] ?? Date.now() % 2 ** 31);

/** Header, then the labels, their end, type and class. */
function message(
  counts: readonly number[],
  labels: readonly (string | Uint8Array)[],
  tail: readonly number[] = [0, 0, 1, 0, 1],
  flags = 0x0100,
): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(0x1234, 0);
  header.writeUInt16BE(flags, 2);
  for (const [i, count] of counts.entries()) header.writeUInt16BE(count, 4 + 2 * i);
  const name = labels.flatMap((label) => [Buffer.of(label.length), Buffer.from(label)]);
  return Buffer.concat([header, ...name, Buffer.from(tail)]);
}

const ONE = [1, 0, 0, 0];
const OPT = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];

function rcode(bytes: Uint8Array): number | null {
  try {
    return parseQuery(bytes) === null ? null : RCODE.NOERROR;
  } catch (error) {
    if (error instanceof QueryError) return error.rcode;
    throw error;
  }
}

describe("a question", () => {
  it("is read", () => {
    expect(parseQuery(message(ONE, ["www", "Example", "org"]))).toMatchObject({
      id: 0x1234,
      name: "www.Example.org",
      type: 1,
      edns: false,
      recursionDesired: true,
    });
    expect(parseQuery(message([1, 0, 0, 1], ["a", "b"], [0, 0, 28, 0, 1, ...OPT]))).toMatchObject({
      name: "a.b",
      type: 28,
      edns: true,
    });
    expect(parseQuery(message(ONE, []))).toMatchObject({ name: "" });
  });

  it("whose labels hold dots or other bytes has no name that could be taken for another", () => {
    for (const label of ["a.b", "a\0", "a b", "*", Uint8Array.of(0xff)])
      expect(parseQuery(message(ONE, [label, "com"]))).toMatchObject({ name: null });
  });

  it.each<[string, Buffer, number | null]>([
    ["without a header", Buffer.alloc(11), null],
    ["that is an answer", message(ONE, ["a", "b"], undefined, 0x8100), null],
    ["of another kind", message(ONE, ["a", "b"], undefined, 0x2800), RCODE.NOTIMP],
    ["and another", message([2, 0, 0, 0], ["a", "b"]), RCODE.FORMERR],
    ["with answers", message([1, 1, 0, 0], ["a", "b"]), RCODE.FORMERR],
    ["with 65,535 of everything", message([65535, 65535, 65535, 65535], ["a", "b"]), RCODE.FORMERR],
    ["of another class", message(ONE, ["a", "b"], [0, 0, 1, 0, 3]), RCODE.REFUSED],
    ["that is cut off", message(ONE, ["a", "b"], [0, 0, 1, 0]), RCODE.FORMERR],
    ["with a name that does not end", message(ONE, ["a", "b"], []), RCODE.FORMERR],
    ["with bytes after it", message(ONE, ["a", "b"], [0, 0, 1, 0, 1, 9]), RCODE.FORMERR],
    ["with a compressed name", message(ONE, ["a"], [0xc0, 12, 0, 1, 0, 1]), RCODE.FORMERR],
    ["with a label of 64 bytes", message(ONE, ["a".repeat(64)]), RCODE.FORMERR],
    [
      "with a name of 256 bytes",
      message(
        ONE,
        Array.from({ length: 128 }, () => "a"),
      ),
      RCODE.FORMERR,
    ],
    [
      "with an additional record that is not OPT",
      message([1, 0, 0, 1], ["a", "b"], [0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]),
      RCODE.FORMERR,
    ],
    [
      "with an OPT that is longer than it says",
      message([1, 0, 0, 1], ["a", "b"], [0, 0, 1, 0, 1, ...OPT, 1]),
      RCODE.FORMERR,
    ],
  ])("%s is refused", (_, bytes, expected) => {
    expect(rcode(bytes)).toBe(expected);
  });

  it("comes back from any bytes, or an error that can be answered", () => {
    const tail = fc.array(fc.constantFrom(0, 1, 28, 41), { minLength: 4, maxLength: 6 });
    const labels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 4 });
    const mostly = fc.tuple(labels, tail).map(([name, rest]) => message(ONE, name, [0, ...rest]));
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), mostly), (bytes) => {
        if (rcode(bytes) !== RCODE.NOERROR) return;
        taken++;
        const question = parseQuery(bytes);
        if (!question) throw new Error("no question");
        const again = parseQuery(encodeQuery(question, 7));
        expect(again).toMatchObject({ id: 7, name: question.name, type: question.type, edns: question.edns });
      }),
      { numRuns: 20_000, seed: SEED },
    );
    expect(taken).toBeGreaterThan(10);
  });
});

it("an answer is taken for the question that it answers", () => {
  const question = parseQuery(message(ONE, ["a", "b"]));
  const other = parseQuery(message(ONE, ["a", "c"]));
  if (!question || !other) throw new Error("no question");
  const answer = encodeAnswer(question, RCODE.NOERROR, [
    { type: RECORD_TYPE.A, ttlSeconds: 60, data: Uint8Array.of(1, 2, 3, 4) },
  ]);
  expect(isAnswerTo(answer, question, 0x1234)).toBe(true);
  expect(isAnswerTo(answer, question, 0x1235)).toBe(false);
  expect(isAnswerTo(answer, other, 0x1234)).toBe(false);
  expect(isAnswerTo(encodeQuery(question, 0x1234), question, 0x1234)).toBe(false);
  expect(isAnswerTo(answer.subarray(0, 14), question, 0x1234)).toBe(false);
});

it("reverse names of private addresses are known", () => {
  for (const name of [
    "1.0.0.10.in-addr.arpa",
    "10.in-addr.arpa",
    "1.1.168.192.in-addr.arpa",
    "x.0.0.10.in-addr.arpa",
    "1.ip6.arpa",
  ])
    expect(isPrivateReverse(name), name).toBe(true);
  for (const name of ["8.8.8.8.in-addr.arpa", "example.org", `${"1.".repeat(28)}0.0.6.2.ip6.arpa`])
    expect(isPrivateReverse(name), name).toBe(false);
});

it.each([
  ["9.9.9.9", { address: "9.9.9.9", port: 53 }],
  ["9.9.9.9:5353", { address: "9.9.9.9", port: 5353 }],
  ["2620:fe::fe", { address: "2620:fe::fe", port: 53 }],
  ["[2620:fe::fe]:5353", { address: "2620:fe::fe", port: 5353 }],
])("the name server %s", (text, expected) => {
  expect(parseServer(text)).toEqual(expected);
});
