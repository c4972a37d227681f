/** The cheap part of the conformance checks: no compiler, no Debian mirror. `npm run conformance` runs all of them. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { KernelSession } from "warmboot";
import { allChecks } from "./catalogue.ts";
import { imageFile } from "./paths.ts";
import { describeFailure, runChecks } from "./run-checks.ts";

const QUICK = ["shell-language", "links", "namespaces"];

let session: KernelSession;
beforeAll(async () => {
  session = await KernelSession.boot({ image: imageFile });
});
afterAll(() => session?.close());

it.each(QUICK)("every check of %s passes", { timeout: 600_000 }, async (domain) => {
  const checks = allChecks().filter((check) => check.domain === domain && check.kind === "shell");
  expect(checks.length).toBeGreaterThan(10);
  const results = await runChecks(session, checks);
  expect(results.filter(({ outcome }) => outcome.status !== "pass").map(describeFailure)).toEqual([]);
});

it("sees a check that fails, one that takes too long and one with another exit code", async () => {
  const check = { kind: "shell", domain: "d", expected: "42", timeoutMs: 30_000, user: "root", needs: [] } as const;
  const results = await runChecks(session, [
    { ...check, name: "right", script: "echo $((6*7))" },
    { ...check, name: "wrong", script: "echo $((6*8))" },
    { ...check, name: "slow", script: "echo $((6*7)); sleep 600", timeoutMs: 1000 },
    { ...check, name: "code", script: "echo $((6*7)); exit 3" },
  ]);
  expect(results.map(({ outcome }) => outcome.status)).toEqual(["pass", "fail", "fail", "fail"]);
  expect(results[1]?.outcome).toMatchObject({ expected: "42", actual: "48\n(exit code 0)" });
  expect(results[2]?.outcome).toMatchObject({ actual: "42\n(killed after 1 s)" });
});
