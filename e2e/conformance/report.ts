import type { CheckResult } from "./check.ts";

/** What the report says of the machine it was made with. */
export interface ReportContext {
  readonly date: string;
  readonly kernel: string;
  readonly imageId: string;
  readonly memoryMb: number;
  readonly node: string;
  /** Versions of what was brought into the machine for the checks. */
  readonly tools: readonly string[];
  readonly seconds: number;
  /** Why a check that fails does so, by its full name. */
  readonly explanations: Readonly<Record<string, string>>;
}

const count = (results: readonly CheckResult[], status: string): number =>
  results.filter(({ outcome }) => outcome.status === status).length;

/** Text that stands in a table's cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ").trim();

function byDomain(results: readonly CheckResult[]): Map<string, CheckResult[]> {
  const domains = new Map<string, CheckResult[]>();
  for (const result of results) {
    const domain = domains.get(result.check.domain) ?? [];
    domain.push(result);
    domains.set(result.check.domain, domain);
  }
  return domains;
}

function resultCell({ check, outcome }: CheckResult, explanations: ReportContext["explanations"]): string {
  if (outcome.status === "pass") return "pass";
  if (outcome.status === "skip") return `skip: ${cell(outcome.reason)}`;
  return `**fail**: ${cell(explanations[`${check.domain}: ${check.name}`] ?? `expected ${outcome.expected}, actual ${outcome.actual}`)}`;
}

const KIND = { shell: "sh", program: "C" } as const;

/** The report as Markdown. */
export function renderReport(results: readonly CheckResult[], context: ReportContext): string {
  const domains = byDomain(results);
  const lines = [
    "# Linux conformance",
    "",
    "Made by `npm run conformance`; do not edit. One machine of the default image is booted headless in Node, and every check below runs in",
    "it, in an empty directory of its own, with a time limit. A check marked `sh` is a script whose output is compared with what it must be; one marked",
    "`C` is a program for i686 that makes system calls and asserts their results itself. The checks are in `e2e/conformance/`.",
    "",
    `- Date: ${context.date}`,
    `- Kernel: ${context.kernel}`,
    `- Image: \`${context.imageId}\`, ${context.memoryMb} MiB of RAM`,
    `- Node: ${context.node}`,
    `- Brought into the machine for the \`ptrace\` checks: ${context.tools.join(", ")}`,
    `- Time: ${context.seconds} s`,
    "",
    `**${results.length} checks in ${domains.size} domains: ${count(results, "pass")} pass, ${count(results, "fail")} fail, ${count(results, "skip")} skipped.**`,
    "",
    "| domain | checks | pass | fail | skip |",
    "|---|---|---|---|---|",
    ...[...domains].map(
      ([domain, own]) =>
        `| [${domain}](#${domain}) | ${own.length} | ${count(own, "pass")} | ${count(own, "fail")} | ${count(own, "skip")} |`,
    ),
  ];
  for (const [domain, own] of domains) {
    lines.push("", `## ${domain}`, "", "| check | kind | result |", "|---|---|---|");
    for (const result of own) {
      lines.push(
        `| ${cell(result.check.name)} | ${KIND[result.check.kind]} | ${resultCell(result, context.explanations)} |`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

/** The checks that a report lists, as `domain: name`. */
export function listedChecks(report: string): string[] {
  const names: string[] = [];
  let domain = "";
  for (const line of report.split("\n")) {
    const heading = /^## (\S+)$/.exec(line);
    if (heading) domain = heading[1] ?? "";
    const row = /^\| (.+) \| (?:sh|C) \| /.exec(line);
    if (row) names.push(`${domain}: ${row[1]?.replaceAll("\\|", "|")}`);
  }
  return names;
}
