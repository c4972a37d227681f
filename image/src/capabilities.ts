/** What the default image offers, as capabilities.json says, in words for people. */

/** One line of capabilities.json: the command prints the value, in the machine. */
export interface Capability {
  readonly value: string;
  readonly probe: string;
}

export type CapabilityGroup = Readonly<Record<string, Capability>>;

export interface Capabilities {
  readonly image: string;
  readonly system: CapabilityGroup;
  readonly commands: CapabilityGroup;
  readonly languages: CapabilityGroup;
  readonly tls: CapabilityGroup;
  readonly kernel: CapabilityGroup;
  readonly limits: CapabilityGroup;
  /** Programs that people look for and that are not in the image. */
  readonly absent: CapabilityGroup;
}

/** Name of the README's section that is made from capabilities.json. */
export const README_HEADING = "## What is in the machine";

const versions = (group: CapabilityGroup): string =>
  Object.entries(group)
    .map(([name, { value }]) => `${name} ${value}`)
    .join(", ");

const value = (group: CapabilityGroup, name: string): string => {
  const found = group[name];
  if (!found) throw new Error(`capabilities.json has no "${name}"`);
  return found.value;
};

/** The README's section, heading included. A test compares it. */
export function readmeSection({ system, commands, languages, kernel, absent }: Capabilities): string {
  return `${README_HEADING}

Debian ${value(system, "debian")} with Linux ${value(system, "kernel")} for ${value(system, "architecture")}. Each line is checked inside the machine, in Node and in Chromium
([image/capabilities.json](image/capabilities.json)); [${"docs/linux-conformance.md"}](docs/linux-conformance.md) has the checks of everything below the programs.

- Programs, by Debian package: ${versions(commands)}.
- Languages: python3 ${value(languages, "python3")} with its library and ssl, perl-base ${value(languages, "perl-base")}, bash, awk. TLS in python3, curl, wget and openssl, with Debian's CA certificates.
- Kernel: namespaces (${value(kernel, "namespaces")}), cgroup v2 (${value(kernel, "cgroup controllers")}), io_uring, seccomp, ptrace without single steps, file systems ${value(kernel, "file systems")}.
- Not in it, among others: ${Object.keys(absent).join(", ")}.
`;
}
