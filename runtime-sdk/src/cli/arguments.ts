import { parseArgs } from "node:util";

export const USAGE = `Usage:
  warmboot run [options] -- COMMAND [ARGUMENT...]   boot a machine, run one command in it, exit with its exit code
  warmboot shell [options]                          boot a machine and open a terminal in it
  warmboot machines                                 list the saved machines: name, bytes, when they were saved, snapshots
  warmboot export NAME > FILE                       write a saved machine to a file
  warmboot import [NAME] < FILE                     make a saved machine of such a file (default: the name that it had)
  warmboot --help | --version

Options:
  --machine NAME     go on with this saved machine, or start one of this name; it is saved at the end
  --image FILE|URL   image.json of the image to boot (default: $WARMBOOT_IMAGE, else the default image of this checkout)
  --memory MIB       RAM of the machine, 64 to 2047 (default: what the image says)
  --timeout TIME     run: kill the command after TIME, e.g. 500ms, 30s, 5m, and exit with 124
  --user NAME        run as this user of the guest (default: root)
  --cwd DIR          run in this directory of the guest (default: the user's home)
  --env NAME=VALUE   set a variable; may be given again
  --verbose          show the kernel's console on stderr

Machines are kept in $XDG_DATA_HOME/warmboot (default: ~/.local/share/warmboot).
Exit codes of run: the command's own; 128 + n when signal n ended it; 124 time-out; 125 no machine; 126 the command
cannot be run; 127 no such command; 2 bad usage.`;

/** What the command line asks for. */
export type Invocation =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "usage-error"; readonly problem: string }
  | ({ readonly kind: "run"; readonly argv: readonly string[]; readonly timeoutMs: number | null } & CommonOptions)
  | ({ readonly kind: "shell" } & CommonOptions)
  | { readonly kind: "machines" }
  | { readonly kind: "export"; readonly machine: string }
  | { readonly kind: "import"; readonly machine: string | null };

export interface CommonOptions {
  readonly machine: string | null;
  readonly image: string | null;
  readonly memoryMb: number | null;
  readonly user: string | null;
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly verbose: boolean;
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

class UsageError extends Error {}

function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const ms = match ? Number(match[1]) * UNITS[(match[2] ?? "s") as keyof typeof UNITS] : 0;
  if (ms < 1 || ms >= 2 ** 31) throw new UsageError(`--timeout: "${text}" is not a time like 500ms, 30s or 5m`);
  return Math.round(ms);
}

function memory(text: string): number {
  const mib = Number(text);
  if (!/^\d+$/.test(text) || mib < 64 || mib > 2047) {
    throw new UsageError(`--memory: "${text}" is not a number of MiB from 64 to 2047`);
  }
  return mib;
}

function variables(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new UsageError(`--env: "${pair}" is not NAME=VALUE`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Reads the arguments after the program's name. Never throws. */
export function parseInvocation(args: readonly string[]): Invocation {
  try {
    return parse(args);
  } catch (error) {
    return { kind: "usage-error", problem: error instanceof Error ? error.message : String(error) };
  }
}

function parse(args: readonly string[]): Invocation {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  const argv = end < 0 ? [] : args.slice(end + 1);
  const { values, positionals } = parseArgs({
    args: [...own],
    allowPositionals: true,
    options: {
      image: { type: "string" },
      machine: { type: "string" },
      memory: { type: "string" },
      timeout: { type: "string" },
      user: { type: "string" },
      cwd: { type: "string" },
      env: { type: "string", multiple: true },
      verbose: { type: "boolean" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
  });
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  const [name, ...extra] = positionals;
  if (name === "machines" || name === "export" || name === "import") {
    const [option] = Object.keys(values);
    if (option !== undefined || end >= 0) throw new UsageError(`${option ? `--${option}` : "--"} is for run and shell`);
    return parseMachines(name, extra);
  }
  if (name !== "run" && name !== "shell") throw new UsageError(name ? `unknown command "${name}"` : "no command given");
  if (extra.length > 0) throw new UsageError(`"${extra[0]}" is not expected here; the guest's command goes after --`);
  const common: CommonOptions = {
    machine: values.machine ?? null,
    image: values.image ?? null,
    memoryMb: values.memory === undefined ? null : memory(values.memory),
    user: values.user ?? null,
    cwd: values.cwd ?? null,
    env: variables(values.env ?? []),
    verbose: values.verbose ?? false,
  };
  if (name === "shell") {
    if (values.timeout !== undefined) throw new UsageError("--timeout is for run");
    if (argv.length > 0) throw new UsageError("shell takes no command; use run");
    return { kind: "shell", ...common };
  }
  if (argv.length === 0) throw new UsageError("run needs a command after --");
  return { kind: "run", argv, timeoutMs: values.timeout === undefined ? null : duration(values.timeout), ...common };
}

function parseMachines(kind: "machines" | "export" | "import", names: readonly string[]): Invocation {
  const [machine, extra] = kind === "machines" ? [undefined, names[0]] : names;
  if (extra !== undefined) throw new UsageError(`"${extra}" is not expected here`);
  if (kind === "machines") return { kind };
  if (kind === "import") return { kind, machine: machine ?? null };
  if (machine === undefined) throw new UsageError("export needs the name of a machine");
  return { kind, machine };
}
