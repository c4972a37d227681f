/** Runs every check of the project, one after the other, and closes with one line over all of them. Called by `npm test`. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findBrowser } from "./support/browser.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const results = `${root}e2e/test-results/`;
/** In each runtime; `npm run crash` makes more. */
const CRASH_CYCLES = "25";
/** Runs a command in a network in which every address is the command's own. */
const LAB = "proxy/test/lab/enter.sh";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs a command with its output shown; true when it succeeded. */
function run(title: string, command: string, args: string[], env: Record<string, string> = {}): boolean {
  console.log(`\n== ${title}`);
  return spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } }).status === 0;
}

/** What vitest wrote about itself. */
function countVitest(report: Record<string, unknown>): Count {
  return {
    passed: number(report["numPassedTests"]),
    failed: number(report["numFailedTests"]),
    skipped: number(report["numPendingTests"]) + number(report["numTodoTests"]),
  };
}

/** What a runner wrote about itself; a runner that failed without counting a failure counts as one. */
function count(file: string, succeeded: boolean, read: (report: Record<string, unknown>) => Count): Count {
  let counted: Count = { passed: 0, failed: 0, skipped: 0 };
  try {
    counted = read(JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>);
  } catch (error) {
    console.error(`${file}: ${String(error)}`);
    counted.failed = 1;
  }
  if (!succeeded && counted.failed === 0) counted.failed = 1;
  return counted;
}

const step = (succeeded: boolean): Count => ({ passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 });

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

/** The relay's tests run in a private network, and some with a Redis. */
function findRelayTools(): void {
  const missing = [
    ...(has("redis-server") ? [] : ["redis-server"]),
    ...(spawnSync("ip", ["-V"], { stdio: "ignore" }).status === 0 ? [] : ["iproute2"]),
  ];
  if (missing.length === 0) return;
  try {
    installFromDebian("The relay's tests need more", missing);
  } catch (error) {
    console.error(`${missing.join(", ")} could not be installed: ${String(error)}`);
  }
}

const number = (value: unknown): number => (typeof value === "number" ? value : 0);

function main(): number {
  const env = { WARMBOOT_CHROMIUM: findBrowser() };
  findCompiler();
  findShellcheck();
  findRelayTools();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });

  const counts: [string, Count][] = [];
  counts.push(["format and lint", step(run("format and lint", "npx", ["biome", "check", "."]))]);
  counts.push(["types of the tests", step(run("types of the tests", "npx", ["tsc", "-p", "tsconfig.tests.json"]))]);

  const vitestReport = `${results}vitest.json`;
  const vitest = run(
    "unit tests, and machines in Node and Chromium",
    "npx",
    ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${vitestReport}`],
    env,
  );
  counts.push(["vitest", count(vitestReport, vitest, countVitest)]);

  const relayReport = `${results}relay.json`;
  if (spawnSync("sh", [LAB, "true"], { stdio: "ignore" }).status === 0) {
    const args = [LAB, "npx", "vitest", "run", "--project", "relay", "--reporter=default", "--reporter=json"];
    const relay = run("the relay, in a private network", "sh", [...args, `--outputFile.json=${relayReport}`]);
    counts.push(["relay", count(relayReport, relay, countVitest)]);
  } else {
    console.error("The relay's tests are left out: this computer allows no network namespaces, or has no `ip`.");
    counts.push(["relay", { passed: 0, failed: 0, skipped: 1 }]);
  }

  for (const runtime of ["node", "chromium"]) {
    const args = ["e2e/dist/crash/cli.js", "--cycles", CRASH_CYCLES, "--runtime", runtime];
    counts.push([`crash test in ${runtime}`, step(run(`crash test in ${runtime}`, "node", args, env))]);
  }

  const playwright = run("the page in a browser", "npx", ["playwright", "test", "-c", "e2e/playwright.config.ts"], env);
  counts.push([
    "playwright",
    count(`${results}playwright.json`, playwright, (report) => {
      const stats = report["stats"] as Record<string, unknown>;
      return {
        passed: number(stats["expected"]),
        failed: number(stats["unexpected"]) + number(stats["flaky"]),
        skipped: number(stats["skipped"]),
      };
    }),
  ]);

  console.log("");
  for (const [name, { passed, failed, skipped }] of counts) {
    console.log(`${name}: ${passed} ok, ${failed} not ok${skipped > 0 ? `, ${skipped} left out` : ""}`);
  }
  const total = (key: keyof Count) => counts.reduce((sum, [, each]) => sum + each[key], 0);
  console.log(`${total("passed")} passed, ${total("failed")} failed`);
  return total("failed") === 0 ? 0 : 1;
}

process.exitCode = main();
