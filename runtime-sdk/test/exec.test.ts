import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KernelSession } from "warmboot";
import { boot, randomBytes, rejection, sha256 } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
});
afterAll(() => session?.close());

const TEN_MB = 10_000_000;

describe("exec", () => {
  it("gives what the guest computed", async () => {
    expect(await session.exec("echo $((6*7))")).toMatchObject({
      exitCode: 0,
      signal: null,
      stdout: "42\n",
      stderr: "",
      timedOut: false,
      truncated: false,
    });
  });

  it("runs on Linux 6.12, as root, in root's home", async () => {
    expect((await session.exec("uname -r; id -u; pwd")).stdout).toMatch(/^6\.12\.\S*\n0\n\/root\n$/);
  });

  it("tells every exit code", async () => {
    const codes = Array.from({ length: 256 }, (_, code) => code);
    const results: (number | null)[] = [];
    for (const code of codes) results.push((await session.exec(`exit ${code}`)).exitCode);
    expect(results).toEqual(codes);
  });

  it.each(["SIGHUP", "SIGINT", "SIGKILL", "SIGSEGV", "SIGTERM", "SIGUSR1"])(
    "tells that %s ended it",
    async (signal) => {
      expect(await session.exec(`kill -${signal.slice(3)} $$`)).toMatchObject({ exitCode: null, signal });
    },
  );

  it("keeps stdout and stderr apart", async () => {
    expect(await session.exec("echo out; echo err >&2; echo out2")).toMatchObject({
      stdout: "out\nout2\n",
      stderr: "err\n",
    });
  });

  it("takes 10 MB of random bytes in, unharmed", async () => {
    const bytes = randomBytes(TEN_MB);
    const { stdout } = await session.exec("sha256sum", { stdin: bytes });
    expect(stdout.split(" ")[0]).toBe(await sha256(bytes));
  });

  it("gives 10 MB of random bytes out on stdout and on stderr, unharmed", async () => {
    const result = await session.exec(
      `head -c ${TEN_MB} /dev/urandom > /tmp/out; head -c ${TEN_MB} /dev/urandom > /tmp/err
       cat /tmp/err >&2 & cat /tmp/out; wait`,
    );
    const hashes = await session.exec("sha256sum < /tmp/out; sha256sum < /tmp/err; rm /tmp/out /tmp/err");
    expect([await sha256(result.stdoutBytes), await sha256(result.stderrBytes)]).toEqual(
      hashes.stdout
        .trim()
        .split("\n")
        .map((line) => line.split(" ")[0]),
    );
    expect(result.stdoutBytes.length).toBe(TEN_MB);
  });

  it("has an empty stdin when none is given", async () => {
    expect((await session.exec("wc -c")).stdout.trim()).toBe("0");
  });

  it("takes text and streams as stdin", async () => {
    expect((await session.exec("tr a-z A-Z", { stdin: "grüße\n" })).stdout).toBe("GRüßE\n");
    const stream = new Response("streamed").body as ReadableStream<Uint8Array>;
    expect((await session.exec("cat", { stdin: stream })).stdout).toBe("streamed");
  });

  it("does not wait for input that the command never reads", async () => {
    expect(await session.exec("exit 7", { stdin: randomBytes(1_000_000) })).toMatchObject({ exitCode: 7 });
  });

  it("runs in the given directory, with the given variables, as the given user, in the given shell", async () => {
    const { stdout } = await session.exec('echo "$PWD $GREETING $HOME"; id -un', {
      cwd: "/usr/share",
      env: { GREETING: "hello world", HOME: "/tmp" },
      user: "user",
    });
    expect(stdout).toBe("/usr/share hello world /tmp\nuser\n");
    expect((await session.exec("echo ${BASH_VERSINFO[0]}", { shell: "/bin/bash" })).stdout).toBe("5\n");
  });

  it("kills the whole process group when the time is up, and keeps what was written", async () => {
    const result = await session.exec("echo begun; sleep 1234 & sleep 1234; echo never", { timeoutMs: 1000 });
    expect(result).toMatchObject({ timedOut: true, exitCode: null, signal: "SIGKILL", stdout: "begun\n" });
    expect((await session.exec("pgrep -x -f 'sleep 1234'")).exitCode).toBe(1);
  });

  it("rejects and kills when aborted", async () => {
    const abort = new AbortController();
    const running = session.exec("sleep 4321", { signal: abort.signal });
    setTimeout(() => abort.abort(new Error("enough")), 200);
    expect(await rejection(running)).toMatchObject({ code: "aborted" });
    expect((await session.exec("sleep 0.2; pgrep -x -f 'sleep 4321'")).exitCode).toBe(1);
  });

  it("cuts output at the limit, says so, and lets the command finish", async () => {
    const result = await session.exec("yes | head -c 3000000; exit 5", { maxOutputBytes: 1000 });
    expect(result).toMatchObject({ exitCode: 5, truncated: true });
    expect(result.stdoutBytes.length).toBe(1000);
  });

  it("does not wait for what goes on in the background", async () => {
    const { stdout } = await session.exec("sleep 600 & echo started");
    expect(stdout).toBe("started\n");
    expect((await session.exec("pgrep -x -f 'sleep 600'")).exitCode).toBe(0);
    await session.exec("pkill -x -f 'sleep 600'");
  });

  it.each([
    ["user", { user: "nobody-here" }, "user"],
    ["directory", { cwd: "/no/such/place" }, "cwd"],
    ["shell", { shell: "/no/such/shell" }, "exec"],
  ])("says which %s is missing", async (_what, options, stage) => {
    expect(await rejection(session.exec("true", options))).toMatchObject({ code: "spawn-failed", stage });
  });

  it("refuses bad options at once and leaves the machine as it was", async () => {
    expect(await rejection(session.exec("a\0b"))).toMatchObject({ code: "invalid-option" });
    expect(await rejection(session.exec("true", { timeoutMs: -1 }))).toMatchObject({ code: "invalid-option" });
    expect((await session.exec("echo $((2+2))")).stdout).toBe("4\n");
  });

  it("sleep 2 sleeps two seconds, on the guest's clock and on ours", async () => {
    const before = performance.now();
    const { stdout } = await session.exec("date +%s%N; sleep 2; date +%s%N");
    const [start, end] = stdout.trim().split("\n").map(BigInt) as [bigint, bigint];
    expect(end - start).toBeGreaterThanOrEqual(2_000_000_000n);
    expect(performance.now() - before).toBeGreaterThanOrEqual(1900);
  });

  it("has the host's clock", async () => {
    const before = Date.now();
    const guest = Number((await session.exec("date +%s%3N")).stdout);
    expect(guest).toBeGreaterThan(before - 5000);
    expect(guest).toBeLessThan(Date.now() + 5000);
  });
});
