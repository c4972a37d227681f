import { expect, it } from "vitest";
import { InvalidOptionError } from "../errors/index.ts";
import { parseImageManifest } from "./manifest.ts";

const hash = "a".repeat(64);
const file = { file: "x.bin", size: 10, sha256: hash };
const good = {
  format: 1,
  name: "default",
  id: hash,
  kernel: file,
  bios: file,
  vgaBios: file,
  cmdline: "root=/dev/sda",
  memoryMb: 256,
  disk: { size: 2 ** 20, chunkSize: 65536, table: file, workingSet: { ...file, chunks: [0, 15] } },
  base: null,
};
const record = { ...file, rawBytes: 4096 };
const base = {
  v86: "0.5.1",
  devices: "disk net",
  memoryMb: 256,
  shell: { env: { TERM: "xterm" }, output: "\x1b[1m# " },
  records: { devices: record, memory: [record], disk: [] },
};

it("takes a good manifest as it is", () => {
  expect(parseImageManifest(good)).toEqual(good);
  expect(parseImageManifest({ ...good, base: undefined })).toEqual(good);
  expect(parseImageManifest({ ...good, base })).toEqual({ ...good, base });
  expect(parseImageManifest({ ...good, base: { ...base, shell: undefined } }).base?.shell).toBeNull();
});

it.each<[string, unknown]>([
  ["image.json", null],
  ["format", { ...good, format: 2 }],
  ["name", { ...good, name: "../x" }],
  ["id", { ...good, id: "abc" }],
  ["kernel", { ...good, kernel: 5 }],
  ["kernel.file", { ...good, kernel: { ...file, file: "../../etc/passwd" } }],
  ["kernel.file", { ...good, kernel: { ...file, file: "https://other.example/x" } }],
  ["kernel.size", { ...good, kernel: { ...file, size: 2 ** 40 } }],
  ["kernel.size", { ...good, kernel: { ...file, size: -1 } }],
  ["kernel.sha256", { ...good, kernel: { ...file, sha256: "zz" } }],
  ["cmdline", { ...good, cmdline: "a\nb" }],
  ["memoryMb", { ...good, memoryMb: 4 }],
  ["disk.chunkSize", { ...good, disk: { ...good.disk, chunkSize: 50_000 } }],
  ["disk.size", { ...good, disk: { ...good.disk, size: 2 ** 20 + 1 } }],
  ["disk.size", { ...good, disk: { ...good.disk, size: 2 ** 50 } }],
  ["base.memoryMb", { ...good, base: { ...base, memoryMb: 2 ** 31 } }],
  ["base.shell.env.A", { ...good, base: { ...base, shell: { env: { A: 1 }, output: "" } } }],
  ["base.shell.output", { ...good, base: { ...base, shell: { env: {}, output: "x".repeat(4097) } } }],
  ["base.records", { ...good, base: { ...base, records: null } }],
  ["base.records.devices.rawBytes", { ...good, base: { ...base, records: { ...base.records, devices: file } } }],
  [
    "base.records.memory[0].rawBytes",
    { ...good, base: { ...base, records: { ...base.records, memory: [{ ...record, rawBytes: 2 ** 31 }] } } },
  ],
  ["base.records.disk", { ...good, base: { ...base, records: { ...base.records, disk: Array(65).fill(record) } } }],
  ["disk.workingSet.chunks[0]", { ...good, disk: { ...good.disk, workingSet: { ...file, chunks: [16] } } }],
])("names what is wrong with %s", (option, manifest) => {
  let thrown: unknown;
  try {
    parseImageManifest(manifest);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(InvalidOptionError);
  expect((thrown as InvalidOptionError).option).toBe(option);
});
