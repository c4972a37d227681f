import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ImageManifest, parseImageManifest } from "warmboot/manifest";
import { deriveImage } from "../src/derive.ts";
import { prebuiltDir } from "../src/paths.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("deriving the image from the prebuilt files", () => {
  let work: string;
  let manifest: ImageManifest;
  beforeAll(async () => {
    work = await mkdtemp(`${tmpdir()}/warmboot-derive-`);
    expect(await deriveImage({ from: prebuiltDir, to: `${work}/first` })).toBe(true);
    manifest = parseImageManifest(JSON.parse(await readFile(`${work}/first/image.json`, "utf8")));
  }, 120_000);
  afterAll(() => rm(work, { recursive: true, force: true }));

  it("gives the same files again", { timeout: 120_000 }, async () => {
    await deriveImage({ from: prebuiltDir, to: `${work}/second` });
    const names = (await readdir(`${work}/first`, { recursive: true })).sort();
    expect((await readdir(`${work}/second`, { recursive: true })).sort()).toEqual(names);
    for (const name of names) {
      if ((await stat(`${work}/first/${name}`)).isDirectory()) continue;
      const [first, second] = await Promise.all(
        ["first", "second"].map((folder) => readFile(`${work}/${folder}/${name}`)),
      );
      if (!first || !second || !first.equals(second)) expect.fail(`${name} differs`);
    }
  });

  it("does nothing when the files are there", async () => {
    const before = await stat(`${work}/first/image.json`);
    expect(await deriveImage({ from: prebuiltDir, to: `${work}/first` })).toBe(false);
    expect((await stat(`${work}/first/image.json`)).ino).toBe(before.ino);
  });

  it("gives the image a manifest that stays its own when another image has come", async () => {
    const [own] = (await readdir(`${work}/first`)).filter((name) => /^image-.*\.json$/.test(name));
    expect(own).toBe(`image-${manifest.id.slice(0, 16)}.json`);
    expect(parseImageManifest(JSON.parse(await readFile(`${work}/first/${own}`, "utf8")))).toEqual(manifest);
  });

  it("names each file by its bytes", async () => {
    for (const { file, size, sha256: digest } of [
      manifest.kernel,
      manifest.bios,
      manifest.vgaBios,
      manifest.disk.table,
      manifest.disk.workingSet,
    ]) {
      const bytes = await readFile(`${work}/first/${file}`);
      expect(bytes.byteLength).toBe(size);
      expect(sha256(bytes)).toBe(digest);
      expect(file).toContain(digest.slice(0, 16));
    }
  });

  it("publishes each chunk of the table under the hash of its content, and no other", {
    timeout: 120_000,
  }, async () => {
    const rows = await readTable(work, manifest);
    expect(rows.map(({ index }) => index)).toEqual(rows.map(({ index }) => index).sort((a, b) => a - b));
    expect(new Set(rows.map(({ index }) => index)).size).toBe(rows.length);
    const names = new Set(rows.map(({ digest }) => `${digest}.bin`));
    expect(new Set(await readdir(`${work}/first/chunks`))).toEqual(names);
    for (const name of names) {
      const chunk = gunzipSync(await readFile(`${work}/first/chunks/${name}`));
      if (chunk.byteLength !== manifest.disk.chunkSize || `${sha256(chunk)}.bin` !== name) {
        expect.fail(`chunks/${name} is not the chunk it is named for`);
      }
    }
  });

  it("packs the working set from the chunks", async () => {
    const { chunkSize, workingSet } = manifest.disk;
    const table = new Map((await readTable(work, manifest)).map(({ index, digest }) => [index, digest]));
    const pack = gunzipSync(await readFile(`${work}/first/${workingSet.file}`));
    expect(pack.byteLength).toBe(workingSet.chunks.length * chunkSize);
    workingSet.chunks.forEach((index, i) => {
      expect(sha256(pack.subarray(i * chunkSize, (i + 1) * chunkSize))).toBe(table.get(index));
    });
  });

  it.each(["bzImage.br", "disk.sparse.br"])("names a damaged %s", async (name) => {
    const damaged = `${work}/damaged`;
    await cp(prebuiltDir, damaged, { recursive: true });
    const bytes = await readFile(`${damaged}/${name}`);
    bytes.writeUInt8(bytes.readUInt8(1000) ^ 1, 1000);
    await writeFile(`${damaged}/${name}`, bytes);
    await expect(deriveImage({ from: damaged, to: `${work}/never` })).rejects.toThrow(`${name} is damaged`);
    await writeFile(`${damaged}/${name}`, bytes.subarray(0, 1000));
    await expect(deriveImage({ from: damaged, to: `${work}/never` })).rejects.toThrow(`${name} has 1000 bytes`);
    await rm(`${damaged}/${name}`);
    await expect(deriveImage({ from: damaged, to: `${work}/never` })).rejects.toThrow(`cannot read ${damaged}/${name}`);
    await expect(stat(`${work}/never`)).rejects.toThrow();
  });
});

async function readTable(work: string, manifest: ImageManifest): Promise<{ index: number; digest: string }[]> {
  const table = await readFile(`${work}/first/${manifest.disk.table.file}`);
  expect(table.byteLength % 36).toBe(0);
  return Array.from({ length: table.byteLength / 36 }, (_, row) => ({
    index: table.readUInt32LE(row * 36),
    digest: table.toString("hex", row * 36 + 4, row * 36 + 36),
  }));
}
