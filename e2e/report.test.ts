import { expect, test } from "vitest";
import { afterSecondTry, countPlaywright, countVitest, failedFiles, step } from "./report.js";

test("vitest: each failure with its file and what it said, and files that could not be loaded", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [
      {
        name: "a.test.ts",
        status: "failed",
        assertionResults: [
          { status: "passed", fullName: "adds" },
          {
            status: "failed",
            fullName: "group subtracts",
            failureMessages: ["\u001b[31mexpected 4\u001b[39m\nto be 5"],
          },
        ],
      },
      { name: "b.test.ts", status: "failed", message: "Cannot find module", assertionResults: [] },
      { name: "c.test.ts", status: "passed", assertionResults: [{ status: "passed", fullName: "divides" }] },
    ],
  };

  expect(countVitest(report)).toEqual({
    passed: 3,
    failed: 2,
    skipped: 2,
    failures: ["a.test.ts › group subtracts\n    expected 4\n    to be 5", "b.test.ts\n    Cannot find module"],
    unsteady: [],
  });
});

test("Playwright: failures in suites of any depth, what passed at the second try, and what went wrong outside of tests", () => {
  const result = { errors: [{ message: "Timeout" }] };
  const again = { status: "flaky", results: [result, { errors: [] }] };
  const report = {
    stats: { expected: 2, unexpected: 1, flaky: 1, skipped: 1 },
    suites: [
      {
        specs: [
          {
            ok: true,
            title: "opens",
            file: "page.spec.ts",
            tests: [{ status: "expected", results: [{ errors: [] }] }],
          },
          { ok: true, title: "moves", file: "page.spec.ts", tests: [again] },
        ],
        suites: [{ specs: [{ ok: false, title: "closes", file: "page.spec.ts", tests: [{ results: [result] }] }] }],
      },
    ],
    errors: [{ message: "the site did not start" }],
  };

  expect(countPlaywright(report)).toEqual({
    passed: 3,
    failed: 1,
    skipped: 1,
    failures: ["page.spec.ts › closes\n    Timeout", "playwright\n    the site did not start"],
    unsteady: ["page.spec.ts › moves\n    Timeout"],
  });
});

test("what passes at the second try passed, and is named; what fails again failed", () => {
  const files = ["a", "b"].map((name) => ({ name, status: name === "a" ? "failed" : "passed" }));
  expect(failedFiles({ testResults: files })).toEqual(["a"]);
  const first = { passed: 8, failed: 2, skipped: 1, failures: ["one", "two"], unsteady: [] };
  const again = { ...step("again", true), passed: 5 };
  expect(afterSecondTry(first, again)).toEqual({
    passed: 10,
    failed: 0,
    skipped: 1,
    failures: [],
    unsteady: ["one", "two"],
  });
  expect(afterSecondTry(first, step("again", false))).toBe(first);
  // Nothing ran.
  expect(afterSecondTry(first, { ...again, passed: 0 })).toBe(first);
});

test("a report that is none counts nothing", () => {
  const nothing = { passed: 0, failed: 0, skipped: 0, failures: [], unsteady: [] };
  expect(countVitest({ testResults: "?" })).toEqual(nothing);
  expect(countPlaywright({})).toEqual(nothing);
});
