import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, inject, it } from "vitest";

const program = fileURLToPath(new URL("../../bin/warmboot.mjs", import.meta.url));
const environment = () => ({ ...process.env, WARMBOOT_IMAGE: `${inject("imageServer")}/plain/default/image.json` });

const children: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function start(args: string[], command = process.execPath, before = [program]): ChildProcessWithoutNullStreams {
  const child = spawn(command, [...before, ...args], { env: environment() });
  children.push(child);
  return child;
}

async function warmboot(args: string[], input: Uint8Array | string = "") {
  const child = start(args);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (data: Buffer) => out.push(data));
  child.stderr.on("data", (data: Buffer) => err.push(data));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() };
}

it("runs a command and exits with its exit code", async () => {
  const result = await warmboot(["run", "--", "sh", "-c", "echo $((6*7)); echo oops >&2; exit 37"]);
  expect({ ...result, stdout: result.stdout.toString() }).toEqual({ code: 37, stdout: "42\n", stderr: "oops\n" });
});

it("connects stdin and stdout byte for byte", async () => {
  const bytes = randomBytes(2_000_000);
  const { code, stdout } = await warmboot(["run", "--", "cat"], bytes);
  const hash = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");
  expect(hash(stdout)).toBe(hash(bytes));
  expect(code).toBe(0);
});

it("passes arguments, variables, user and directory as they are", async () => {
  const args = [
    "--env",
    "A=x y",
    "--user",
    "user",
    "--cwd",
    "/usr",
    "--",
    "sh",
    "-c",
    'printf "%s|" "$A" "$PWD" "$1"; id -un',
    "sh",
    "a  b",
  ];
  expect((await warmboot(["run", ...args])).stdout.toString()).toBe("x y|/usr|a  b|user\n");
});

it("gives the machine the memory asked for", async () => {
  const { stdout } = await warmboot([
    "run",
    "--memory",
    "96",
    "--",
    "awk",
    "/MemTotal/ {print ($2 < 98304)}",
    "/proc/meminfo",
  ]);
  expect(stdout.toString()).toBe("1\n");
});

it.each([
  ["a signal", ["run", "--", "sh", "-c", "kill -TERM $$"], 143],
  ["a time-out", ["run", "--timeout", "1s", "--", "sleep", "1000"], 124],
  ["a command that is not there", ["run", "--", "no-such-command"], 127],
  ["a file that cannot run", ["run", "--", "/etc/passwd"], 126],
  ["a user that is not there", ["run", "--user", "nobody-here", "--", "true"], 125],
  ["an image that is not there", ["run", "--image", "/no/such/image.json", "--", "true"], 125],
])("after %s exits with the code of a shell", async (_what, args, code) => {
  expect((await warmboot(args)).code).toBe(code);
});

it.each([
  [["run", "--frobnicate", "--", "true"]],
  [["run"]],
  [["sprint"]],
  [["run", "--timeout", "soon", "--", "true"]],
])("%j prints the usage and exits with 2", async (args) => {
  const { code, stdout, stderr } = await warmboot(args);
  expect(code).toBe(2);
  expect(stderr).toContain("Usage:");
  expect(stdout.length).toBe(0);
});

it("a command that goes on in the background does not hold the program", async () => {
  const { code, stdout } = await warmboot(["run", "--", "sh", "-c", "sleep 1000 & echo started"]);
  expect([code, stdout.toString()]).toEqual([0, "started\n"]);
});

it("an interrupt reaches the command", async () => {
  const child = start(["run", "--", "sh", "-c", "trap 'echo caught; exit 5' INT; echo ready; read line"]);
  let text = "";
  child.stdout.on("data", (data: Buffer) => {
    const before = text;
    text += data;
    if (text.includes("ready\n") && !before.includes("ready\n")) child.kill("SIGINT");
  });
  const [code] = await once(child, "close");
  expect([code, text]).toEqual([5, "ready\ncaught\n"]);
});

it("shell is an interactive terminal that follows the window", async () => {
  const directory = mkdtempSync(join(tmpdir(), "warmboot-shell-"));
  const ttyFile = join(directory, "tty");
  // util-linux's script gives the program a real terminal.
  const command = `tty > ${ttyFile}; stty rows 31 cols 99; exec "${process.execPath}" "${program}" shell`;
  const child = start(["-qfec", command, "/dev/null"], "script", []);
  let text = "";
  let wake = () => {};
  child.stdout.on("data", (data: Buffer) => {
    text += data;
    wake();
  });
  const until = async (pattern: RegExp) => {
    while (!pattern.test(text)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  await until(/root@warmboot/);
  child.stdin.write("echo $((6*7))-$(stty size)\n");
  await until(/42-31 99\r\n/);
  expect(existsSync(ttyFile)).toBe(true);
  const tty = readFileSync(ttyFile, "utf8").trim();
  await once(spawn("stty", ["-F", tty, "rows", "25", "cols", "70"]), "close");
  child.stdin.write("until [ \"$(stty size)\" = '25 70' ]; do sleep 0.1; done; echo now-$((5*5))-$(stty size)\n");
  await until(/now-25-25 70\r\n/);
  child.stdin.write("exit 9\n");
  const [code] = await once(child, "close");
  expect(code).toBe(9);
  rmSync(directory, { recursive: true });
});
