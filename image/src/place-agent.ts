import type { Bytes } from "./digest.ts";
import { BLOCK_SIZE, type Extent, type SparseDisk } from "./sparse-disk.ts";

/*
 * The agent's program is not in the compressed disk: there it is a file of a fixed size full of 0xff, and the program is put into that
 * file's blocks when the disk is unpacked. So a new agent changes 80 KB of what is checked in and not 35 MB. What is left of the file
 * stays 0xff; the loader never looks behind the program's last segment.
 */

/** Writes the agent into its place on the disk, in memory. @throws Error when it does not fit. */
export function placeAgent(disk: SparseDisk, place: Extent, agent: Bytes): SparseDisk {
  if (agent.byteLength > place.count * BLOCK_SIZE) {
    throw new Error(
      `the agent has ${agent.byteLength} bytes, its place on the disk ${place.count * BLOCK_SIZE}: raise disk.agentSize`,
    );
  }
  let offset = 0;
  for (const { first, count } of disk.extents) {
    if (first <= place.first && place.first + place.count <= first + count) {
      const at = offset + (place.first - first) * BLOCK_SIZE;
      disk.blocks.fill(0xff, at, at + place.count * BLOCK_SIZE);
      disk.blocks.set(agent, at);
      return disk;
    }
    offset += count * BLOCK_SIZE;
  }
  throw new Error(`the disk has no blocks ${place.first} to ${place.first + place.count - 1} for the agent`);
}

/** Reads the list of blocks that debugfs prints. @throws Error when they are not in a row. */
export function parseAgentBlocks(text: string): Extent {
  const blocks = text.split(/\s+/).flatMap((word) => (word === "" ? [] : Number(word)));
  const [first] = blocks;
  if (first === undefined || blocks.some((block, i) => block !== first + i)) {
    throw new Error("the agent's place on the disk is in pieces");
  }
  return { first, count: blocks.length };
}
