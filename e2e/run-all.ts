/** Runs every check of the project, one after the other, and closes with one line over all of them. Called by `npm test`. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { type Count, countPlaywright, step } from "./report.js";
import { count, MOST_UNSTEADY, results, run, runVitest } from "./runners.js";
import { findBrowser } from "./support/browser.js";
import { findFirefox } from "./support/firefox.js";

/** In each runtime; `npm run crash` makes more. */
const CRASH_CYCLES = "25";
/** Runs a command in a network in which every address is the command's own. */
const LAB = "proxy/test/lab/enter.sh";

const has = (tool: string) => spawnSync(tool, ["--version"], { stdio: "ignore" }).status === 0;

/** Installs Debian's packages where that can be done without asking. */
function installFromDebian(why: string, packages: readonly string[]): void {
  if (process.getuid?.() !== 0 || !has("apt-get")) return;
  console.error(`${why}: installing Debian's ${packages.join(", ")}.`);
  const stdio = ["ignore", "ignore", "inherit"] as const;
  execFileSync("apt-get", ["update"], { stdio: [...stdio] });
  execFileSync("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { stdio: [...stdio] });
}

/** The agent is also built for this computer, with sanitizers; that takes a compiler. */
function findCompiler(): void {
  if (!has("gcc")) installFromDebian("No C compiler found", ["gcc", "libc6-dev", "make"]);
  if (!has("gcc"))
    throw new Error("No C compiler for the agent's tests. Debian: `apt-get install gcc libc6-dev make`.");
}

/** Without it one test is left out, and counted as such. */
function findShellcheck(): void {
  if (has("shellcheck")) return;
  try {
    installFromDebian("No shellcheck found", ["shellcheck"]);
  } catch (error) {
    console.error(`shellcheck could not be installed: ${String(error)}`);
  }
}

/** The network's tests run in a private one, some with a Redis, some with servers of HTTPS and git. */
function findNetworkTools(): void {
  const missing = [
    ...["redis-server", "openssl", "git"].filter((tool) => !has(tool)),
    ...(spawnSync("ip", ["-V"], { stdio: "ignore" }).status === 0 ? [] : ["iproute2"]),
  ];
  if (missing.length === 0) return;
  try {
    installFromDebian("The network's tests need more", missing);
  } catch (error) {
    console.error(`${missing.join(", ")} could not be installed: ${String(error)}`);
  }
}

/** Without it one test is left out, and counted as such. */
function findSecondBrowser(): void {
  if (findFirefox() !== null) return;
  try {
    installFromDebian("No Firefox found", ["firefox-esr"]);
  } catch (error) {
    console.error(`Firefox could not be installed: ${String(error)}`);
  }
}

function printList(title: string, lines: readonly string[]): void {
  if (lines.length > 0) console.log(`\n${title}:\n${lines.map((line) => `- ${line}`).join("\n")}\n`);
}

function main(): number {
  const env = { WARMBOOT_CHROMIUM: findBrowser() };
  findCompiler();
  findShellcheck();
  findNetworkTools();
  findSecondBrowser();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });

  const counts: [string, Count][] = [];
  const check = (title: string, command: string, args: string[]) =>
    counts.push([title, step(title, run(title, command, args, env))]);
  check("format and lint", "npx", ["biome", "check", "."]);
  check("types of the tests", "npx", ["tsc", "-p", "tsconfig.tests.json"]);

  const units = "unit tests, and machines in Node and Chromium";
  counts.push(["vitest", runVitest(units, "vitest", ["npx", "vitest", "run"], env)]);

  const inLab: [project: string, title: string][] = [
    ["relay", "the relay, in a private network"],
    ["network-basics", "guests on the network, through the relay to real servers"],
  ];
  if (spawnSync("sh", [LAB, "true"], { stdio: "ignore" }).status === 0) {
    for (const [project, title] of inLab)
      counts.push([project, runVitest(title, project, ["sh", LAB, "npx", "vitest", "run", "--project", project])]);
  } else {
    console.error("The network's tests are left out: this computer allows no network namespaces, or has no `ip`.");
    for (const [project] of inLab)
      counts.push([project, { passed: 0, failed: 0, skipped: 1, failures: [], unsteady: [] }]);
  }

  for (const runtime of ["node", "chromium"]) {
    const args = ["e2e/dist/crash/cli.js", "--cycles", CRASH_CYCLES, "--runtime", runtime];
    check(`crash test in ${runtime}`, "node", args);
  }

  const playwright = run("the page in a browser", "npx", ["playwright", "test", "-c", "e2e/playwright.config.ts"], env);
  counts.push(["playwright", count(`${results}playwright.json`, playwright, countPlaywright)]);

  const unsteady = counts.flatMap(([, each]) => each.unsteady);
  if (unsteady.length > MOST_UNSTEADY)
    counts.push(["steadiness", step(`${unsteady.length} tests passed only when they were run again`, false)]);

  console.log("");
  for (const [name, { passed, failed, skipped }] of counts) {
    console.log(`${name}: ${passed} ok, ${failed} not ok${skipped > 0 ? `, ${skipped} left out` : ""}`);
  }
  // Here, because the end is what is looked at of a long output.
  printList("What passed only when it was run again", unsteady);
  const failures = counts.flatMap(([, each]) => each.failures);
  printList("What failed", failures);
  const total = (key: "passed" | "failed") => counts.reduce((sum, [, each]) => sum + each[key], 0);
  console.log(`${total("passed")} passed, ${total("failed")} failed`);
  return total("failed") === 0 ? 0 : 1;
}

process.exitCode = main();
