import { Writable } from "node:stream";
import { savedMachines } from "../node/index.ts";
import { standardInput } from "./standard-streams.ts";

const EXIT_OUTPUT = 1;

/** Prints the saved machines, one a line. */
export async function listMachines(): Promise<number> {
  for (const { name, bytes, savedAt, snapshots } of await savedMachines().list())
    process.stdout.write(`${[name, bytes, savedAt.toISOString(), ...snapshots].join("\t")}\n`);
  return 0;
}

/** Writes a machine to stdout. */
export async function exportMachine(machine: string): Promise<number> {
  if (process.stdout.isTTY) {
    process.stderr.write("warmboot: the file goes to stdout, which is a terminal: add > FILE\n");
    return EXIT_OUTPUT;
  }
  const file = await savedMachines().export(machine);
  let outputError: unknown;
  const output = Writable.toWeb(process.stdout);
  process.stdout.on("error", (error) => {
    outputError = error;
  });
  try {
    await file.pipeTo(output, { preventClose: true });
    return 0;
  } catch (error) {
    if (error !== outputError) throw error;
    process.stderr.write(`warmboot: the file could not be written: ${String(error)}\n`);
    return EXIT_OUTPUT;
  }
}

/** Makes a machine out of what comes on stdin; prints its name. */
export async function importMachine(machine: string | null): Promise<number> {
  const { name } = await savedMachines().import(standardInput(), machine === null ? {} : { name: machine });
  process.stdout.write(`${name}\n`);
  return 0;
}
