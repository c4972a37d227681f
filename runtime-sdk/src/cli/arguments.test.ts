import { describe, expect, it } from "vitest";
import { parseInvocation } from "./arguments.ts";

describe("run", () => {
  it("takes everything after -- as the guest's command", () => {
    expect(parseInvocation(["run", "--timeout", "30s", "--memory", "512", "--", "ls", "--timeout", "5"])).toMatchObject(
      {
        kind: "run",
        argv: ["ls", "--timeout", "5"],
        timeoutMs: 30_000,
        memoryMb: 512,
      },
    );
  });

  it.each([
    ["500ms", 500],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["7", 7000],
  ])("reads the time %s", (text, ms) => {
    expect(parseInvocation(["run", "--timeout", text, "--", "true"])).toMatchObject({ timeoutMs: ms });
  });
});

it.each([
  [[]],
  [["walk"]],
  [["run"]],
  [["run", "--"]],
  [["run", "ls"]],
  [["run", "--frobnicate", "--", "ls"]],
  [["run", "--timeout", "soon", "--", "ls"]],
  [["run", "--timeout", "0s", "--", "ls"]],
  [["run", "--timeout"]],
  [["run", "--memory", "12", "--", "ls"]],
  [["run", "--memory", "-1", "--", "ls"]],
  [["run", "--env", "=x", "--", "ls"]],
  [["shell", "--", "ls"]],
  [["shell", "--timeout", "5s"]],
  [["machines", "a"]],
  [["machines", "--verbose"]],
  [["export"]],
  [["export", "a", "b"]],
  [["export", "a", "--", "b"]],
  [["import", "a", "b"]],
  [["import", "--machine", "b"]],
])("refuses %j", (args) => {
  expect(parseInvocation(args)).toMatchObject({ kind: "usage-error" });
});

it("reads what is to be done with machines", () => {
  expect(parseInvocation(["machines"])).toEqual({ kind: "machines" });
  expect(parseInvocation(["export", "a b"])).toEqual({ kind: "export", machine: "a b" });
  expect(parseInvocation(["import"])).toEqual({ kind: "import", machine: null });
  expect(parseInvocation(["import", "x"])).toEqual({ kind: "import", machine: "x" });
  expect(parseInvocation(["shell", "--machine", "x"])).toMatchObject({ kind: "shell", machine: "x" });
});
