import { promisify } from "node:util";
import { brotliDecompress, constants } from "node:zlib";
import { sha256 } from "./digest.ts";
import { placeAgent } from "./place-agent.ts";
import type { CompressedName, Prebuilt } from "./prebuilt.ts";
import { decodeSparseDisk, type SparseDisk } from "./sparse-disk.ts";

const decompress = promisify(brotliDecompress);

/** Unpacks and checks the kernel. @throws Error when it is not the kernel the manifest describes. */
export function unpackKernel(prebuilt: Prebuilt): Promise<Buffer> {
  return unpack(prebuilt, "bzImage.br");
}

/** Unpacks and checks the root disk, and puts the agent in its place. @throws Error when it is not the disk the manifest describes. */
export async function unpackDisk(prebuilt: Prebuilt): Promise<SparseDisk> {
  const disk = decodeSparseDisk(await unpack(prebuilt, "disk.sparse.br"));
  return placeAgent(disk, prebuilt.manifest.agentBlocks, prebuilt.files["warmboot-agent"]);
}

async function unpack({ manifest, files }: Prebuilt, name: CompressedName): Promise<Buffer> {
  const bytes = await decompress(files[name], { params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 1 } });
  if (sha256(bytes) !== manifest.unpacked[name]) {
    throw new Error(`${name} does not unpack to what the manifest describes: build again with "npm run image"`);
  }
  return bytes;
}
