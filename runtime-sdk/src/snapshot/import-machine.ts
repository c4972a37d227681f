import type { ByteReader } from "./byte-reader.ts";
import { readNext } from "./machine-file.ts";
import { encodeManifest, entriesOf, FORMAT, type Generation, type Head, sumOfSizes } from "./manifest.ts";
import type { Bytes } from "./store.ts";

/** The records of a machine out of a file, one by one, its generation the last. @throws MachineFileError, AbortedError */
export async function* importedRecords(
  reader: ByteReader,
  table: Generation,
  name: string,
): AsyncGenerator<readonly [string, Bytes]> {
  for (const entry of entriesOf(table)) yield [entry.name, await readNext(reader, entry, table)];
  await reader.expectEnd();
  // WHY without its origin: a file from elsewhere is not to say which addresses are asked for an image.
  const generation: Generation = { ...table, name, origin: "", snapshot: null };
  yield [`generation-${table.generation}`, await encodeManifest(generation)];
}

/** The head of a machine that was imported: a copy, with an identity of its own to come. */
export function importedHead(table: Generation, name: string): Head {
  const { generation, savedAt, memory, disk } = table;
  return {
    format: FORMAT,
    name,
    owner: "",
    isUnfinished: false,
    copiedUpTo: generation,
    createdAt: Date.now(),
    usedAt: savedAt,
    generations: [generation],
    kept: [],
    nextSerial: Math.max(0, ...[...memory, ...disk].map(({ serial }) => serial)) + 1,
    bytes: sumOfSizes(entriesOf(table)),
  };
}
