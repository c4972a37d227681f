import { describe, expect, it } from "vitest";
import { parseAgentBlocks, placeAgent } from "../src/place-agent.ts";
import { BLOCK_SIZE, type SparseDisk } from "../src/sparse-disk.ts";

const disk = (): SparseDisk => ({
  size: 64 * BLOCK_SIZE,
  extents: [
    { first: 0, count: 1 },
    { first: 10, count: 4 },
  ],
  blocks: new Uint8Array(5 * BLOCK_SIZE),
});

describe("the agent's place on the disk", () => {
  it("holds the agent and then 0xff", () => {
    const { blocks } = placeAgent(disk(), { first: 11, count: 2 }, new Uint8Array(BLOCK_SIZE + 1).fill(7));
    const at = (block: number, byte: number) => blocks[block * BLOCK_SIZE + byte];
    expect([at(1, BLOCK_SIZE - 1), at(2, 0), at(3, 0), at(3, 1), at(3, BLOCK_SIZE - 1), at(4, 0)]).toEqual([
      0, 7, 7, 0xff, 0xff, 0,
    ]);
  });

  it("refuses an agent that does not fit, and a place that is not on the disk", () => {
    const agent = new Uint8Array(2 * BLOCK_SIZE + 1);
    expect(() => placeAgent(disk(), { first: 11, count: 2 }, agent)).toThrow("raise disk.agentSize");
    expect(() => placeAgent(disk(), { first: 13, count: 4 }, agent)).toThrow("no blocks 13 to 16");
  });

  it("is read from debugfs's list of blocks", () => {
    expect(parseAgentBlocks("54971 54972 54973 \n")).toEqual({ first: 54971, count: 3 });
    expect(() => parseAgentBlocks("54971 54972 54974")).toThrow("in pieces");
    expect(() => parseAgentBlocks("")).toThrow("in pieces");
  });
});
