import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KernelSession } from "warmboot";
import { boot, readAll, rejection, Screen } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot();
});
afterAll(() => session?.close());

const utf8 = new TextEncoder();

async function type(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  await writer.write(utf8.encode(text));
  writer.releaseLock();
}

describe("spawn", () => {
  it("takes an argument vector as it is, without a shell", async () => {
    const process = await session.spawn(["printf", "[%s]", "a b", "$HOME", "", "*", "ü"]);
    expect(new TextDecoder().decode(await readAll(process.stdout))).toBe("[a b][$HOME][][*][ü]");
    expect(await process.exit).toEqual({ exitCode: 0, signal: null });
  });

  it("gives the pid, and input and output as they come", async () => {
    const process = await session.spawn([
      "sh",
      "-c",
      "echo $$; while read line; do echo $((line*line)); done; echo end >&2",
    ]);
    const screen = new Screen(process.stdout);
    expect(Number((await screen.until(/(\d+)\n/))[1])).toBe(process.pid);
    await type(process.stdin, "12\n");
    await screen.until(/^144\n/);
    await type(process.stdin, "9\n");
    await screen.until(/^81\n/);
    await process.stdin.close();
    expect(new TextDecoder().decode(await readAll(process.stderr))).toBe("end\n");
    expect((await process.exit).exitCode).toBe(0);
  });

  it("runs 200 processes at once, each with its own streams", async () => {
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    const processes = await Promise.all(
      numbers.map((n) => session.spawn(["sh", "-c", `read x; echo $((x*${n}+1)); echo e${n} >&2; exit $((${n}%256))`])),
    );
    const alive = Number((await session.exec("pgrep -c -f 'read x'")).stdout);
    expect(alive).toBeGreaterThanOrEqual(200);
    const results = await Promise.all(
      processes.map(async (process) => {
        await type(process.stdin, "3\n");
        const [out, err, exit] = await Promise.all([readAll(process.stdout), readAll(process.stderr), process.exit]);
        return `${new TextDecoder().decode(out)}${new TextDecoder().decode(err)}${exit.exitCode}`;
      }),
    );
    expect(results).toEqual(numbers.map((n) => `${3 * n + 1}\ne${n}\n${n % 256}`));
  });

  it("sends signals to the whole group", async () => {
    const process = await session.spawn(["sh", "-c", "sleep 999 & sleep 999"]);
    process.kill("SIGKILL");
    expect(await process.exit).toEqual({ exitCode: null, signal: "SIGKILL" });
    expect((await session.exec("sleep 0.1; pgrep -x -f 'sleep 999'")).exitCode).toBe(1);
  });

  it("lets a process catch a signal", async () => {
    const process = await session.spawn([
      "sh",
      "-c",
      "trap 'echo got it; exit 9' TERM; echo ready; while :; do sleep 0.1; done",
    ]);
    const screen = new Screen(process.stdout);
    await screen.until(/ready\n/);
    process.kill();
    await screen.until(/got it\n/);
    expect((await process.exit).exitCode).toBe(9);
  });

  it("holds a process up while nobody reads, and loses nothing", async () => {
    const process = await session.spawn(["sh", "-c", "seq 1 200000; echo done >&2"], { windowBytes: 8192 });
    await session.exec("sleep 0.5");
    expect((await session.exec(`test -e /proc/${process.pid}`)).exitCode).toBe(0);
    const text = new TextDecoder().decode(await readAll(process.stdout));
    expect(text).toBe(`${Array.from({ length: 200000 }, (_, i) => i + 1).join("\n")}\n`);
  });

  it("lets a process run on when its output is cancelled", async () => {
    const process = await session.spawn(["sh", "-c", "seq 1 200000; exit 3"], { windowBytes: 8192 });
    await process.stdout.cancel();
    expect((await process.exit).exitCode).toBe(3);
  });

  it.each([
    ["a command that is not there", ["no-such-command"], {}, "exec", 2],
    ["a file that cannot run", ["/etc/passwd"], {}, "exec", 13],
    ["a user that is not there", ["true"], { user: "nobody-here" }, "user", undefined],
    ["a directory that is not there", ["true"], { cwd: "/nope" }, "cwd", 2],
  ])("rejects %s", async (_what, argv, options, stage, errno) => {
    const error = await rejection(session.spawn(argv, options));
    expect(error).toMatchObject({ code: "spawn-failed", stage });
    if (errno !== undefined) expect(error).toMatchObject({ errno });
  });

  it("kills on abort", async () => {
    const abort = new AbortController();
    const process = await session.spawn(["sleep", "888"], { signal: abort.signal });
    abort.abort();
    expect((await process.exit).signal).toBe("SIGKILL");
  });
});

describe("openTerminal", () => {
  it("is a login bash as root, of the size asked for", async () => {
    const terminal = await session.openTerminal({ cols: 101, rows: 31 });
    const screen = new Screen(terminal.stdout);
    await type(terminal.stdin, "stty size; echo $0-$((6*7))-$(id -un)-$(tty)\n");
    await screen.until(/31 101\r\n/);
    await screen.until(/-bash-42-root-\/dev\/pts\/\d+\r\n/);
    terminal.resize(77, 22);
    await type(terminal.stdin, "stty size\n");
    await screen.until(/22 77\r\n/);
    await type(terminal.stdin, "exit 6\n");
    expect(await terminal.exit).toEqual({ exitCode: 6, signal: null });
  });

  it.each([
    ["a busy shell loop", "echo be$((2))gun; while :; do :; done"],
    ["a busy Python loop", "python3 -c \"print('be%dgun' % 2, flush=True)\nwhile True: pass\""],
    ["a read", "echo be$((2))gun; read x"],
  ])("Ctrl-C stops %s", async (_what, command) => {
    const terminal = await session.openTerminal();
    const screen = new Screen(terminal.stdout);
    await type(terminal.stdin, "PS1='%% '; stty -echo\n");
    await screen.until(/\n.*%% /);
    await type(terminal.stdin, `${command}\n`);
    await screen.until(/be2gun\r\n/);
    await type(terminal.stdin, "\x03");
    // WHY wait for the prompt: what is typed before it may still be taken by the program that is being interrupted.
    await screen.until(/%% /);
    await type(terminal.stdin, "echo status-$?-$((20+3))\n");
    await screen.until(/status-130-23|status-1-23/);
    terminal.kill("SIGKILL");
    await terminal.exit;
  });

  it("answers in one terminal while another floods", async () => {
    const flood = await session.openTerminal();
    await type(flood.stdin, "yes\n");
    const screen = new Screen(flood.stdout);
    await screen.until(/(y\r\n){1000}/);
    const other = await session.openTerminal();
    const answers = new Screen(other.stdout);
    // The flood is read all the time, so that what it sends competes with the answers.
    let answered = false;
    const reading = (async () => {
      while (!answered) await screen.until(/(y\r\n){100}/);
    })();
    await type(other.stdin, "echo $((123*456))\n");
    await answers.until(/56088\r\n/);
    await type(other.stdin, "echo $((12*12))x\n");
    await answers.until(/144x\r\n/);
    answered = true;
    await reading;
    // It floods still.
    await screen.until(/(y\r\n){1000}/);
    flood.kill("SIGKILL");
    other.kill("SIGKILL");
    flood.detach();
    await Promise.all([flood.exit, other.exit]);
  });

  it("closing stdin is Ctrl-D", async () => {
    const terminal = await session.openTerminal({ argv: ["cat"] });
    await type(terminal.stdin, "x\n");
    await terminal.stdin.close();
    expect((await terminal.exit).exitCode).toBe(0);
  });
});
