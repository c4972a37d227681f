/** Reads what the test runners write about themselves. */

/** How a runner ended. */
export interface Count {
  passed: number;
  failed: number;
  skipped: number;
  /** Each test that failed, with the beginning of what it said. */
  failures: string[];
  /** Those of the passed tests that did so only when they were run again, with what the first run said. */
  unsteady: string[];
}

type Json = Record<string, unknown>;

const LONGEST_REASON = 600;

/** A step that is one check. */
export function step(title: string, succeeded: boolean): Count {
  return {
    passed: succeeded ? 1 : 0,
    failed: succeeded ? 0 : 1,
    skipped: 0,
    failures: succeeded ? [] : [title],
    unsteady: [],
  };
}

/** From vitest's `json` reporter. A file that could not be loaded is a failure that its counts do not have. */
export function countVitest(report: Json): Count {
  const files = list(report["testResults"]);
  const tests = files.flatMap((file) => list(file["assertionResults"]).map((test) => ({ file, test })));
  const failed = tests.filter(({ test }) => test["status"] === "failed");
  const broken = files.filter(
    (file) =>
      file["status"] === "failed" && !list(file["assertionResults"]).some((test) => test["status"] === "failed"),
  );
  return {
    passed: number(report["numPassedTests"]),
    failed: number(report["numFailedTests"]) + broken.length,
    skipped: number(report["numPendingTests"]) + number(report["numTodoTests"]),
    failures: [
      ...failed.map(({ file, test }) =>
        failure(`${text(file["name"])} › ${text(test["fullName"])}`, texts(test["failureMessages"])),
      ),
      ...broken.map((file) => failure(text(file["name"]), [text(file["message"])])),
    ],
    unsteady: [],
  };
}

/** The files that have a failure in vitest's report. */
export function failedFiles(report: Json): string[] {
  const failed = list(report["testResults"]).filter((file) => file["status"] === "failed");
  return failed.map((file) => text(file["name"]));
}

/** How a runner ended whose failures were run again. */
export function afterSecondTry(first: Count, second: Count): Count {
  if (second.failed > 0 || second.passed === 0) return first;
  const { passed, failed, failures, unsteady } = first;
  return { ...first, passed: passed + failed, failed: 0, failures: [], unsteady: [...unsteady, ...failures] };
}

/** From Playwright's `json` reporter. */
export function countPlaywright(report: Json): Count {
  const stats = object(report["stats"]);
  const specs = specsOf(report);
  const named = (each: Json[]) =>
    each.map((spec) => failure(`${text(spec["file"])} › ${text(spec["title"])}`, messagesOf(spec)));
  return {
    passed: number(stats["expected"]) + number(stats["flaky"]),
    failed: number(stats["unexpected"]),
    skipped: number(stats["skipped"]),
    failures: [
      ...named(specs.filter((spec) => spec["ok"] === false)),
      ...list(report["errors"]).map((error) => failure("playwright", [text(error["message"])])),
    ],
    unsteady: named(specs.filter((spec) => list(spec["tests"]).some((test) => test["status"] === "flaky"))),
  };
}

function specsOf(suite: Json): Json[] {
  return [...list(suite["specs"]), ...list(suite["suites"]).flatMap(specsOf)];
}

function messagesOf(spec: Json): string[] {
  const results = list(spec["tests"]).flatMap((test) => list(test["results"]));
  return results.flatMap((result) => list(result["errors"]).map((error) => text(error["message"])));
}

function failure(name: string, reasons: string[]): string {
  const reason = plain(reasons.join("\n")).trim().slice(0, LONGEST_REASON);
  return reason === "" ? name : `${name}\n    ${reason.replaceAll("\n", "\n    ")}`;
}

/** Without the colours of a terminal. */
function plain(message: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour begins with.
  return message.replace(/\u001b\[[0-9;]*m/g, "");
}

const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const object = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : []);
