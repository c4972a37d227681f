import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { InvalidOptionError, WarmbootError } from "../errors/index.ts";
import { KernelSession } from "../node/index.ts";
import { type CommonOptions, type Invocation, parseInvocation, USAGE } from "./arguments.ts";
import { exportMachine, importMachine, listMachines } from "./machines.ts";
import { runCommand } from "./run.ts";
import { runShell } from "./shell.ts";

const EXIT_USAGE = 2;
const EXIT_NO_MACHINE = 125;

/** The default image of the checkout: found by the name of its package, so that this package does not import it. */
function defaultImage(): string {
  try {
    return createRequire(import.meta.url).resolve("@warmboot/image/default/image.json");
  } catch {
    throw new InvalidOptionError(
      "--image",
      "there is no prepared default image: run `npm run setup`, or name an image",
    );
  }
}

async function boot(options: CommonOptions): Promise<KernelSession> {
  return KernelSession.boot({
    image: options.image ?? process.env["WARMBOOT_IMAGE"] ?? defaultImage(),
    ...(options.machine !== null && { machine: options.machine }),
    ...(options.memoryMb !== null && { memoryMb: options.memoryMb }),
    ...(options.verbose && { onConsole: (text: string) => process.stderr.write(text) }),
  });
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return String((JSON.parse(manifest) as { version: string }).version);
}

type Work = Exclude<Invocation, { readonly kind: "help" | "version" | "usage-error" }>;

async function work(invocation: Work): Promise<number> {
  switch (invocation.kind) {
    case "machines":
      return listMachines();
    case "export":
      return exportMachine(invocation.machine);
    case "import":
      return importMachine(invocation.machine);
  }
  const session = await boot(invocation);
  try {
    const code = await (invocation.kind === "run" ? runCommand(session, invocation) : runShell(session, invocation));
    if (invocation.machine !== null) await session.save();
    return code;
  } finally {
    await session.close();
  }
}

/** Runs the command line; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const invocation = parseInvocation(args);
  switch (invocation.kind) {
    case "help":
      process.stdout.write(`${USAGE}\n`);
      return 0;
    case "version":
      process.stdout.write(`${version()}\n`);
      return 0;
    case "usage-error":
      process.stderr.write(`warmboot: ${invocation.problem}\n\n${USAGE}\n`);
      return EXIT_USAGE;
  }
  try {
    return await work(invocation);
  } catch (error) {
    if (!(error instanceof WarmbootError)) throw error;
    process.stderr.write(`warmboot: ${error.message}\n${error.hint}\n`);
    return EXIT_NO_MACHINE;
  }
}
