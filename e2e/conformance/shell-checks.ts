import type { Need, ShellCheck } from "./check.ts";

const DEFAULT_TIMEOUT_S = 60;
const HEADING = /^=== (?<name>[^[\]]+?)(?<options>( \[[^\]]*\])*)$/;
const OPTION = /\[(\w+)=([\w,]+)\]/g;
const NEEDS: readonly string[] = ["gdb"] satisfies Need[];

/**
 * Reads a file of shell checks. Each starts with `=== its name [timeout=30] [user=user] [needs=gdb]` (seconds; the options are
 * optional, their defaults 60, root, nothing); then the script; then a line `---` and the stdout that the script must have.
 * @throws Error with the line that breaks the format.
 */
export function parseShellChecks(domain: string, text: string): ShellCheck[] {
  const checks: ShellCheck[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? "";
    if (line === "" || line.startsWith("# ")) {
      at++;
      continue;
    }
    const heading = HEADING.exec(line);
    if (!heading?.groups)
      throw new Error(`${domain}.checks:${at + 1}: expected "=== name", found ${JSON.stringify(line)}`);
    let end = at + 1;
    while (end < lines.length && !lines[end]?.startsWith("=== ")) end++;
    const body = lines.slice(at + 1, end);
    const divider = body.indexOf("---");
    if (divider < 1) throw new Error(`${domain}.checks:${at + 1}: a check needs a script, a line "---" and its output`);
    const options = new Map(
      [...(heading.groups["options"] ?? "").matchAll(OPTION)].map(([, key, value]) => [key, value]),
    );
    checks.push({
      kind: "shell",
      domain,
      name: heading.groups["name"] ?? "",
      script: body.slice(0, divider).join("\n"),
      expected: body
        .slice(divider + 1)
        .join("\n")
        .trimEnd(),
      timeoutMs: Number(options.get("timeout") ?? DEFAULT_TIMEOUT_S) * 1000,
      user: options.get("user") ?? "root",
      needs: (options.get("needs")?.split(",") ?? []).map((need) => checkedNeed(domain, need)),
    });
    at = end;
  }
  return checks;
}

function checkedNeed(domain: string, need: string): Need {
  if (!NEEDS.includes(need)) throw new Error(`${domain}.checks: unknown need "${need}"`);
  return need as Need;
}
