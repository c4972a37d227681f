import { describe, expect, it } from "vitest";
import { decodePack, encodePack, PAGE_SIZE } from "./pack.ts";
import { PackLedger } from "./pack-ledger.ts";
import { PageHashes } from "./page-hashes.ts";
import { type PageSource, PageTracker } from "./page-tracker.ts";

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const page = (value: number) => new Uint8Array(PAGE_SIZE).fill(value);

describe("a pack", () => {
  it("gives back what was put in", () => {
    const pages = new Map([
      [7, page(1)],
      [3, page(2)],
    ]);
    const { numbers, zeros, bytes } = decodePack(encodePack(pages, [5]), 8);
    expect([...numbers]).toEqual([7, 3]);
    expect([...zeros]).toEqual([5]);
    expect([bytes[0], bytes[PAGE_SIZE], bytes.byteLength]).toEqual([1, 2, 2 * PAGE_SIZE]);
  });

  it("is refused when it is cut, longer, has a page that is none, or is of another kind", () => {
    const good = encodePack(new Map([[7, page(1)]]), [5]);
    for (let size = 0; size < good.length; size += 97)
      expect(() => decodePack(good.slice(0, size), 8)).toThrow(RangeError);
    expect(() => decodePack(new Uint8Array([...good, 0]), 8)).toThrow(RangeError);
    expect(() => decodePack(good, 7)).toThrow("page 7");
    for (let i = 0; i < 16; i++) {
      const bad = good.slice();
      bad[i] = (bad[i] ?? 0) ^ 0x80;
      expect(() => decodePack(bad, 8)).toThrow(RangeError);
    }
  });
});

it("a hash that was noted is told from another one in either half, and zero from a hash of zero", () => {
  const hashes = new PageHashes(2);
  expect([hashes.update(0, [1, 2]), hashes.update(0, [1, 2])]).toEqual([true, false]);
  expect([hashes.update(0, [3, 2]), hashes.update(0, [3, 4]), hashes.update(0, [3, 4])]).toEqual([true, true, false]);
  expect([hashes.updateZero(0), hashes.updateZero(0)]).toEqual([true, false]);
  expect([hashes.update(1, [0, 0]), hashes.update(1, [0, 0]), hashes.updateZero(1)]).toEqual([true, false, true]);
});

it("a ledger keeps packs few and full over many commits, and knows the newest copy of every page", () => {
  const below = random(2);
  const ledger = new PackLedger(1);
  const written = new Map<number, Map<number, number>>();
  const truth = new Map<number, number>();
  let writes = 0;
  let changes = 0;
  for (let round = 0; round < 300; round++) {
    const changed = new Set(Array.from({ length: round === 0 ? 3000 : 40 }, () => below(4000)));
    for (const number of changed) truth.set(number, round);
    const numbers = [...changed, ...ledger.toMove(changed)];
    expect(new Set(numbers).size).toBe(numbers.length);
    const serial = ledger.add(numbers);
    written.set(serial, new Map(numbers.map((number) => [number, truth.get(number) as number])));
    changes += changed.size;
    writes += numbers.length;
    const found = new Map(ledger.packs.flatMap((each) => [...(written.get(each) as Map<number, number>)]));
    expect(found).toEqual(truth);
    expect(ledger.packs.length).toBeLessThan(20);
    const stored = ledger.packs.reduce((sum, each) => sum + (written.get(each)?.size ?? 0), 0);
    expect(stored).toBeLessThanOrEqual(truth.size * 2 + 1000);
  }
  expect(writes / changes).toBeLessThan(4);
});

it("a tracker writes what changed once, again what could not be stored, and zero pages without bytes", () => {
  const pages = new Map([
    [1, page(1)],
    [2, page(2)],
  ]);
  let changed = [1, 2, 3];
  const source: PageSource = {
    takeChanged: () => {
      const taken = changed;
      changed = [];
      return taken;
    },
    page: (number) => pages.get(number) ?? null,
  };
  const tracker = new PageTracker(5);
  const [first] = tracker.take(source);
  expect(first?.serial).toBe(5);
  const content = decodePack(first?.bytes as Uint8Array<ArrayBuffer>, 4);
  expect([[...content.numbers], [...content.zeros]]).toEqual([[1, 2], [3]]);
  tracker.settle(false);
  changed = [2];
  const [again] = tracker.take(source);
  expect([...decodePack(again?.bytes as Uint8Array<ArrayBuffer>, 4).numbers]).toEqual([1, 2]);
  expect(tracker.packs).toEqual([again?.serial]);
  tracker.settle(true);
  expect(tracker.take(source)).toEqual([]);
  // What was safe is gone: all of it is written again.
  tracker.settle("gone");
  changed = [3];
  const [whole, ...more] = tracker.take(source);
  expect(more).toEqual([]);
  const all = decodePack(whole?.bytes as Uint8Array<ArrayBuffer>, 4);
  expect([[...all.numbers], [...all.zeros]]).toEqual([[1, 2], [3]]);
  expect(tracker.packs).toEqual([whole?.serial]);
});
