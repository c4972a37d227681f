import type { Ended, Machine } from "../machine/machine.ts";
import type { Authority } from "./certificates.ts";

/** A slow computer that emulates one. */
const COMMAND_MS = 580_000;

/** A program in the guest. */
export interface Program {
  /** Its next line; null when it has ended. */
  next(): Promise<string | null>;
  tell(text: string): Promise<void>;
}

/** How the tests speak to a machine. */
export class Guest {
  readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Runs a shell command, whatever comes of it. */
  try(command: string): Promise<Ended> {
    return this.machine.run(command, COMMAND_MS);
  }

  /** Runs a shell command that must succeed; what it wrote. */
  async run(command: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.try(command);
    if (exitCode !== 0) throw new Error(`${command}\nended with ${exitCode}: ${stderr}\n${stdout}`);
    return stdout;
  }

  /** Runs a Python program that must succeed. */
  python(program: string): Promise<string> {
    return this.run(`python3 - <<'END'\n${program}\nEND`);
  }

  async start(...command: string[]): Promise<Program> {
    const program = await this.machine.start(command);
    return {
      next: () => this.machine.nextLine(program),
      tell: (text) => this.machine.tell(program, text),
    };
  }

  /** Installs an authority, as Debian's handbook says. */
  async trust(authority: Authority): Promise<void> {
    await this.machine.write("/usr/local/share/ca-certificates/tests.crt", authority.cert);
    await this.run("update-ca-certificates");
  }
}
