import { describe, expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";

const names = ["boot", "exec"];

describe("the command line", () => {
  test("names a benchmark and how to run it", () => {
    expect(parseArguments(["boot"], names)).toEqual({ name: "boot", json: false, runs: null });
    expect(parseArguments(["exec", "--json", "--runs", "3"], names)).toEqual({ name: "exec", json: true, runs: 3 });
  });

  test.each([
    [[]],
    [["nothing"]],
    [["boot", "exec"]],
    [["boot", "--runs", "0"]],
    [["boot", "--runs", "x"]],
    [["boot", "--unknown"]],
  ])("%j is refused with a reason", (args) => {
    expect(parseArguments(args, names)).toEqual(expect.any(String));
  });
});
