import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../errors/index.ts";
import {
  type BootOptions,
  checkBootOptions,
  checkExec,
  checkSpawn,
  type ExecOptions,
  type SpawnOptions,
  signalNumber,
} from "./options.ts";

const boot = (options: object) => () => checkBootOptions({ image: "x", ...options } as BootOptions);
const exec =
  (command: unknown, options: object = {}) =>
  () =>
    checkExec(command as string, options as ExecOptions);
const spawn =
  (argv: unknown, options: object = {}) =>
  () =>
    checkSpawn(argv as string[], options as SpawnOptions);

describe("bad options are refused with the name of the option", () => {
  it.each([
    ["memoryMb", boot({ memoryMb: 63 })],
    ["memoryMb", boot({ memoryMb: 2048 })],
    ["memoryMb", boot({ memoryMb: 256.5 })],
    ["memoryMb", boot({ memoryMb: Number.NaN })],
    ["timeoutMs", boot({ timeoutMs: 0 })],
    ["timeoutMs", boot({ timeoutMs: -1 })],
    ["kernelArgs", boot({ kernelArgs: "a\nb" })],
    ["kernelArgs", boot({ kernelArgs: "ä" })],
    ["image", boot({ image: 5 })],
    ["colour", boot({ colour: "red" })],
    ["command", exec(5)],
    ["command", exec("a\0b")],
    ["cwd", exec("true", { cwd: "/a\0" })],
    ["user", exec("true", { user: 7 })],
    ["env", exec("true", { env: { "": "x" } })],
    ["env", exec("true", { env: { "A=B": "x" } })],
    ["env.A", exec("true", { env: { A: "x\0y" } })],
    ["timeoutMs", exec("true", { timeoutMs: -5 })],
    ["maxOutputBytes", exec("true", { maxOutputBytes: -1 })],
    ["timeout", exec("true", { timeout: 5 })],
    ["argv", spawn([])],
    ["argv[1]", spawn(["a", 5])],
    ["cols", spawn(["a"], { pty: { cols: 0, rows: 1 } })],
    ["rows", spawn(["a"], { pty: { cols: 1, rows: 70000 } })],
    ["rows", spawn(["a"], { pty: { cols: 1 } })],
    ["windowBytes", spawn(["a"], { windowBytes: 1 })],
  ])("%s", (option, attempt) => {
    let thrown: unknown;
    try {
      attempt();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InvalidOptionError);
    expect((thrown as InvalidOptionError).option).toBe(option);
  });
});

it("good options pass", () => {
  expect(boot({ memoryMb: 64, timeoutMs: 1, kernelArgs: "quiet" })).not.toThrow();
  expect(exec("true", { cwd: "", env: { A: "" }, timeoutMs: 1, maxOutputBytes: 0 })).not.toThrow();
  expect(spawn(["a"], { pty: { cols: 1, rows: 65535 } })).not.toThrow();
});

it("signals go by name", () => {
  expect(signalNumber("SIGWINCH")).toBe(28);
  expect(() => signalNumber("SIGNOPE" as "SIGINT")).toThrow(InvalidOptionError);
});
