import { createHash, randomBytes as osRandomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeSpawnRequest } from "../../runtime-sdk/src/guest/payload.ts";
import { ERR, FLAG, FRAME, LIMIT, MAX_PAYLOAD, STAGE, STREAM } from "../../runtime-sdk/src/guest/wire.gen.ts";
import { buildNative, random, randomBytes } from "./agent-build.ts";
import { AgentClient, type AgentProcess } from "./agent-client.ts";

const { SIGINT, SIGTERM, SIGKILL, SIGHUP, SIGCONT } = constants.signals;
const { ENOENT, EACCES, EINVAL, E2BIG, ENOTDIR } = constants.errno;

/** The i686 program; its own kind of processor runs here too. */
const prebuilt = process.env["WARMBOOT_AGENT"] ?? fileURLToPath(new URL("../prebuilt/warmboot-agent", import.meta.url));
const programs: [string, string][] = [["built here with sanitizers", buildNative("native")]];
if (existsSync(prebuilt) && process.arch === "x64") programs.push(["of the image", prebuilt]);

const pty = { cols: 97, rows: 31 };
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function rssKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

describe.each(programs)("the agent %s", (_name, program) => {
  let agent: AgentClient;
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "warmboot-agent-test-"));
    agent = new AgentClient(program);
  });
  afterEach(async () => {
    const status = await agent.close();
    rmSync(dir, { recursive: true, force: true });
    expect(agent.stderr).toBe("");
    expect(status).toBe(0);
  });

  describe("on the link", () => {
    it("announces itself, answers HELLO as often as it comes, and PING", async () => {
      const hello = Buffer.alloc(12 + 32);
      hello.writeUInt16LE(1, 0);
      hello.writeUInt16LE(32, 2);
      for (let i = 0; i < 2; i++) agent.send(FRAME.HELLO, 0, hello);
      await agent.ping();
      expect(agent.linkFrames.map((frame) => frame.type)).toEqual([
        FRAME.ANNOUNCE,
        FRAME.READY,
        FRAME.READY,
        FRAME.PONG,
      ]);
      const ready = Buffer.from(agent.linkFrames[1]?.payload ?? []);
      expect([ready.readUInt16LE(0), ready.readUInt32LE(4)]).toEqual([1, LIMIT.CHANNELS]);
      expect(ready.toString("utf8", 8)).toMatch(/^warmboot-agent /);
    });

    it("answers another version with its own", async () => {
      agent.send(FRAME.HELLO, 0, Uint8Array.of(2, 0, 1, 2, 3));
      await agent.ping();
      expect(agent.linkFrames[1]?.type).toBe(FRAME.READY);
      expect(agent.linkFrames[1]?.payload[0]).toBe(1);
    });

    it("reports what it does not understand, and goes on", async () => {
      await agent.sendBytes(Buffer.alloc(1000, 0xaa));
      agent.send(77, 5);
      agent.send(FRAME.PING, 0, Uint8Array.of(1));
      agent.send(FRAME.PING, 3, new Uint8Array(8));
      agent.send(FRAME.STDIN, 0, new Uint8Array(8));
      agent.send(FRAME.HELLO, 0, new Uint8Array(11));
      await agent.ping();
      expect(agent.errors().map(({ code, detail }) => [code, detail])).toEqual([
        [ERR.RESYNC, 1000],
        [ERR.BAD_PAYLOAD, FRAME.PING],
        [ERR.UNKNOWN_CHANNEL, 0],
      ]);
    });

    it("ignores frames for channels that are gone", async () => {
      const types = [FRAME.STDIN, FRAME.STDIN_EOF, FRAME.CREDIT, FRAME.SIGNAL, FRAME.RESIZE, FRAME.DETACH];
      for (const type of types) agent.send(type, 4000, new Uint8Array(8));
      await agent.ping();
      expect(agent.errors()).toEqual([]);
    });
  });

  describe("runs processes", () => {
    it("gives stdout and stderr apart, and closes in order", async () => {
      const process = agent.sh("echo out; echo err >&2; exit 3");
      expect(await process.closed()).toBe(3);
      expect([process.text(), process.text("stderr")]).toEqual(["out\n", "err\n"]);
      const types = process.frames.map((frame) => frame.type);
      expect(types[0]).toBe(FRAME.SPAWNED);
      expect(types.at(-1)).toBe(FRAME.CLOSED);
      expect(types.filter((type) => type === FRAME.OUTPUT_EOF).length).toBe(2);
    });

    it("gives every exit code from 0 to 255", async () => {
      const all = Array.from({ length: 256 }, (_, code) => agent.sh(`exit ${code}`));
      const codes = await Promise.all(all.map((process) => process.closed()));
      expect(codes).toEqual(Array.from({ length: 256 }, (_, code) => code));
    });

    it("tells the signal that ended a process", async () => {
      const process = agent.sh("kill -9 $$");
      expect(await process.closed()).toBe(`signal ${SIGKILL}`);
    });

    it("signals the group, or the process alone", async () => {
      const script =
        "trap 'echo parent' TERM; sh -c \"trap 'echo child; exit' TERM; echo up; while :; do sleep 0.01; done\"; wait";
      const group = agent.sh(script);
      await group.until(() => group.text().includes("up"), "the child");
      group.signal(SIGTERM);
      await group.closed();
      expect(group.text()).toContain("child");
      expect(group.text()).toContain("parent");

      const loop = "trap 'echo child' TERM; echo up; while :; do sleep 0.01; done";
      const alone = agent.sh(`trap 'exit 5' TERM; sh -c "${loop}" & wait`);
      await alone.until(() => alone.text().includes("up"), "the child");
      alone.signal(SIGTERM, true);
      await alone.until(() => alone.has(FRAME.EXIT), "EXIT");
      expect(alone.exitStatus()).toBe(5);
      alone.signal(SIGKILL);
      await alone.closed();
      expect(alone.text()).not.toContain("child");
    });

    it("starts each in its own session, with an empty mask and default dispositions", async () => {
      const process = agent.spawn(["cat", "/proc/self/status", "/proc/self/stat"]);
      await process.closed();
      expect(process.text()).toMatch(/^SigBlk:\t0+$/m);
      expect(process.text()).toMatch(/^SigIgn:\t0+$/m);
      const [, , group, session] = (process.text().split(") ").at(-1) as string).split(" ");
      expect([Number(group), Number(session)]).toEqual([process.pid, process.pid]);
    });

    it("leaves no descriptor of its own open", async () => {
      const process = agent.sh("ls /proc/self/fd");
      await process.closed();
      expect(process.text().trim().split("\n")).toEqual(["0", "1", "2", "3"]); // 3: ls reads the folder
    });

    it("passes arguments, variables and the folder exactly", async () => {
      const env = { A: "x=y z\n", PATH: "/usr/bin:/bin", HOME: "/nowhere" };
      const process = agent.spawn(["sh", "-c", 'pwd; echo "$1|$2"; echo "$A$HOME $LANG $TERM"', "sh", "ä b", ""], {
        env,
        cwd: dir,
      });
      await process.closed();
      expect(process.text()).toBe(`${dir}\nä b|\nx=y z\n/nowhere C.UTF-8 dumb\n`);
    });

    it("gives only the wanted variables on request, and a login shell its name", async () => {
      const clear = agent.spawn(["env"], { clearEnv: true, env: { ONLY: "this" } });
      await clear.closed();
      expect(clear.text()).toBe("ONLY=this\n");
      const login = agent.spawn(["sh", "-c", "cat /proc/$$/cmdline"], { login: true });
      await login.closed();
      expect(login.text().split("\0")[0]).toBe("-sh");
    });

    it("takes arguments of 200 KB in all, in many frames", async () => {
      const argv = ["printf", "%s\n", ...Array.from({ length: 2000 }, (_, i) => `${i}${"x".repeat(90)}`)];
      const process = agent.spawn(argv);
      expect(await process.closed()).toBe(0);
      expect(sha256(process.bytes())).toBe(sha256(Buffer.from(`${argv.slice(2).join("\n")}\n`)));
    });

    it.runIf(process.getuid?.() === 0)("becomes another user with its groups", async () => {
      const change = { user: "daemon", cwd: "/" };
      const process = agent.spawn(["sh", "-c", "id -un; id -gn; echo $USER; cat /etc/shadow || echo refused"], change);
      await process.closed();
      expect(process.text()).toBe("daemon\ndaemon\ndaemon\nrefused\n");
      const number = agent.spawn(["sh", "-c", "id -u; id -g; id -G; echo $HOME"], { user: "54321" });
      await number.closed();
      expect(number.text()).toBe("54321\n54321\n54321\n/\n");
    });
  });

  describe("refuses to start with the reason", () => {
    const failures: [string, string[], Parameters<AgentClient["spawn"]>[1], number, number][] = [
      ["a missing program", ["no-such-program"], {}, STAGE.EXEC, ENOENT],
      ["a missing path", ["/no/such/program"], {}, STAGE.EXEC, ENOENT],
      ["a file that may not be run", ["/etc/passwd"], {}, STAGE.EXEC, EACCES],
      ["a program below a file", ["/etc/passwd/x"], {}, STAGE.EXEC, ENOTDIR],
      ["an empty name", [""], {}, STAGE.EXEC, ENOENT],
      ["a missing folder", ["true"], { cwd: "/no/such/folder" }, STAGE.CWD, ENOENT],
      ["a file as folder", ["true"], { cwd: "/etc/passwd" }, STAGE.CWD, ENOTDIR],
      ["an unknown user", ["true"], { user: "no-such-user" }, STAGE.USER, ENOENT],
      ["an argument of 130 KiB", ["true", "x".repeat(130 * 1024)], {}, STAGE.EXEC, E2BIG],
      ["no argument", [], {}, STAGE.REQUEST, EINVAL],
      ["a NUL", ["a\0b"], {}, STAGE.REQUEST, EINVAL],
    ];
    it.each(failures)("%s", async (_what, argv, change, stage, errno) => {
      for (const terminal of [null, pty]) {
        const failure = await agent.spawn(argv, { ...change, pty: terminal }).failure();
        expect(failure).toMatchObject({ stage, errno });
        expect(failure.text).not.toBe("");
      }
      expect(await agent.sh("exit 4").closed()).toBe(4);
    });

    it("a request over 256 KiB, once, after its last part", async () => {
      const process = agent.open();
      agent.sendRequest(process.id, Buffer.alloc(LIMIT.SPAWN_BYTES + 5 * MAX_PAYLOAD));
      expect(await process.failure()).toMatchObject({ stage: STAGE.REQUEST, errno: EINVAL });
      await agent.ping();
      expect(process.frames.length).toBe(1);
    });

    it("a channel that is in use", async () => {
      const process = await agent.spawn(["cat"]).started();
      agent.sendRequest(process.id, Buffer.alloc(10));
      await agent.ping();
      expect(agent.errors(process).map(({ code }) => code)).toEqual([ERR.DUPLICATE_CHANNEL]);
      await process.write("still here\n");
      process.send(FRAME.STDIN_EOF);
      expect(await process.closed()).toBe(0);
      expect(process.text()).toBe("still here\n");
    });

    it("the 1025th channel", async () => {
      const open = Array.from({ length: LIMIT.CHANNELS }, () => agent.open());
      for (const { id } of open) agent.send(FRAME.SPAWN, id, new Uint8Array(1), FLAG.MORE);
      expect(await agent.spawn(["true"]).failure()).toMatchObject({ stage: STAGE.LIMIT });
      for (const { id } of open) agent.send(FRAME.SPAWN, id, new Uint8Array(1));
      for (const process of open) expect((await process.failure()).stage).toBe(STAGE.REQUEST);
      expect(await agent.spawn(["true"]).closed()).toBe(0);
    });
  });

  describe("moves bytes", () => {
    it("exactly, 10 MB each way at once", async () => {
      const data = osRandomBytes(10_000_000);
      const process = await agent.spawn(["cat"]).started();
      await process.write(data);
      process.send(FRAME.STDIN_EOF);
      expect(await process.closed()).toBe(0);
      expect(process.received).toBe(data.length);
      expect(sha256(process.bytes())).toBe(sha256(data));
    });

    it("exactly, 5 MB on stdout and stderr at once", async () => {
      const process = agent.sh(
        "head -c 5000000 /dev/zero | tr '\\0' a & head -c 5000000 /dev/zero | tr '\\0' b >&2; wait",
      );
      await process.closed();
      expect(sha256(process.bytes())).toBe(sha256(Buffer.alloc(5e6, "a")));
      expect(sha256(process.bytes("stderr"))).toBe(sha256(Buffer.alloc(5e6, "b")));
    });

    it("never beyond the credit, and to the last byte", async () => {
      const process = agent.spawn(["head", "-c", "10000", "/dev/zero"], { stdoutCredit: 4000 });
      process.autoCredit = false;
      await process.until(() => process.received === 4000, "4000 bytes");
      await agent.ping();
      expect(process.received).toBe(4000);
      expect(process.has(FRAME.EXIT)).toBe(false);
      process.credit(STREAM.STDOUT, 5999);
      await process.until(() => process.received === 9999, "all bytes but one");
      await agent.ping();
      expect(process.has(FRAME.EXIT)).toBe(false);
      process.credit(STREAM.STDOUT, 1);
      expect(await process.closed()).toBe(0);
      expect(process.received).toBe(10_000);
    });

    it("ends a stream without needing credit for it", async () => {
      const none = agent.spawn(["true"], { stdoutCredit: 0, stderrCredit: 0 });
      expect(await none.closed()).toBe(0);
      const exact = agent.spawn(["head", "-c", "5000", "/dev/zero"], { stdoutCredit: 5000 });
      exact.autoCredit = false;
      expect(await exact.closed()).toBe(0);
      expect(exact.received).toBe(5000);
    });

    it("for others while one is without credit", async () => {
      const flood = agent.spawn(["yes"]);
      flood.autoCredit = false;
      await flood.until(() => flood.received === 256 * 1024, "the window");
      const echo = agent.spawn(["echo", "other"]);
      expect(await echo.closed()).toBe(0);
      expect(echo.text()).toBe("other\n");
      expect(flood.received).toBe(256 * 1024);
    });

    it("in turn: no flood gets more than its share", async () => {
      const floods = Array.from({ length: 20 }, () => agent.spawn(["yes"]));
      await agent.until(() => floods.every((flood) => flood.received > 100_000), "all floods");
      const sizes = floods.map((flood) => flood.received);
      expect(await agent.spawn(["echo", "other"]).closed()).toBe(0);
      for (const flood of floods) flood.signal(SIGKILL);
      for (const flood of floods) expect(await flood.closed()).toBe(`signal ${SIGKILL}`);
      expect(Math.max(...sizes)).toBeLessThan(100 * Math.min(...sizes));
    });

    it("to a process that reads slowly, never over the window", async () => {
      const data = osRandomBytes(1_000_000);
      const process = await agent.sh("for i in 1 2 3 4 5; do sleep 0.02; head -c 200000; done").started();
      expect(process.stdinCredit).toBe(LIMIT.STDIN_WINDOW);
      await process.write(data);
      process.send(FRAME.STDIN_EOF);
      await process.closed();
      expect(process.stdinCredit).toBeLessThanOrEqual(LIMIT.STDIN_WINDOW);
    });

    it("into nothing when nobody reads, without hanging the host", async () => {
      const process = await agent.sh("exec <&-; echo closed; sleep 1000").started();
      await process.until(() => process.text() === "closed\n", "stdin to be closed");
      await process.write(Buffer.alloc(1_000_000));
      await process.until(() => process.stdinCredit === LIMIT.STDIN_WINDOW, "all credit back");
      expect(agent.errors(process)).toEqual([]);
    });

    it("not at all into /dev/null", async () => {
      const process = agent.spawn(["cat"], { stdinNull: true });
      expect(await process.closed()).toBe(0);
      expect(process.payload(FRAME.SPAWNED).readUInt32LE(4)).toBe(0);
    });

    it("and kills a process whose window the host overran", async () => {
      const process = await agent.spawn(["sleep", "1000"]).started();
      for (let sent = 0; sent < LIMIT.STDIN_WINDOW + MAX_PAYLOAD; sent += MAX_PAYLOAD)
        process.send(FRAME.STDIN, Buffer.alloc(MAX_PAYLOAD));
      // What the pipe took came back as credit; so go on until it is too much.
      await agent.ping();
      for (let i = 0; i < 64; i++) process.send(FRAME.STDIN, Buffer.alloc(MAX_PAYLOAD));
      expect(await process.closed()).toBe(`signal ${SIGKILL}`);
      expect(agent.errors(process)[0]).toMatchObject({ code: ERR.CREDIT_OVERRUN });
    });
  });

  describe("ends channels", () => {
    it("only after background children, but tells the exit at once", async () => {
      const process = agent.sh(`mkfifo ${dir}/fifo; (read x < ${dir}/fifo; echo late) & echo early; exit 7`);
      await process.until(() => process.has(FRAME.EXIT), "EXIT");
      await agent.ping();
      expect([process.exitStatus(), process.text(), process.has(FRAME.CLOSED)]).toEqual([7, "early\n", false]);
      await agent.sh(`echo go > ${dir}/fifo`).closed();
      await process.closed();
      expect(process.text()).toBe("early\nlate\n");
    });

    it("with EXIT after everything that was written, although a background child never stops", async () => {
      const process = agent.sh("yes & printf '%s' mark; exit 6");
      await process.until(() => process.has(FRAME.EXIT), "EXIT");
      expect(process.text()).toContain("mark");
      process.signal(SIGKILL);
      expect(await process.closed()).toBe(6);
    });

    it("when detached: output is discarded, the process goes on", async () => {
      const process = agent.sh(`yes | head -c 3000000; echo done > ${dir}/done`);
      await process.started();
      process.autoCredit = false;
      process.send(FRAME.DETACH);
      expect(await process.closed()).toBe(0);
      expect(readFileSync(`${dir}/done`, "utf8")).toBe("done\n");
    });

    it("when detached with a background child, which does not die of it", async () => {
      // It floods only when told to: what is written before EXIT would have to be taken first.
      const process = agent.sh(
        `mkfifo ${dir}/go; (read x < ${dir}/go; yes | head -c 3000000; echo done > ${dir}/late) & exit 1`,
      );
      process.autoCredit = false;
      await process.until(() => process.has(FRAME.EXIT), "EXIT");
      process.send(FRAME.DETACH);
      expect(await process.closed()).toBe(1);
      const wait = agent.sh(`echo > ${dir}/go; while ! [ -s ${dir}/late ]; do sleep 0.01; done`);
      expect(await wait.closed()).toBe(0);
    });

    it("and leaves no process or descriptor behind", async () => {
      const pid = agent.process.pid as number;
      /** Open descriptors and children of the agent. */
      const held = async () => {
        const list = agent.sh(`ls /proc/${pid}/fd | wc -l; cat /proc/${pid}/task/*/children | wc -w`);
        await list.closed();
        return list.text().split("\n").map(Number);
      };
      const [descriptors = 0, children = 0] = await held();
      for (let round = 0; round < 5; round++) {
        await Promise.all([agent.sh("exit 1"), agent.spawn(["true"], { pty })].map((process) => process.closed()));
        await agent.spawn(["no-such-program"], { pty }).failure();
      }
      // Not "the same", and not at once: what ended may be told before its descriptors are closed, what an earlier test left may end meanwhile.
      const timeout = 30_000;
      await expect.poll(async () => (await held())[0], { timeout }).toBeLessThanOrEqual(descriptors);
      await expect.poll(async () => (await held())[1], { timeout }).toBeLessThanOrEqual(children);
    });
  });

  it("runs 200 processes at once, each with a smaller window when it is crowded", async () => {
    const all = Array.from({ length: 200 }, (_, i) => agent.spawn(["sh", "-c", `read x; echo $x ${i}`]));
    await Promise.all(all.map((process) => process.started()));
    const windows = all.map((process) => process.stdinCredit);
    expect(windows.slice(0, 32)).toEqual(Array(32).fill(LIMIT.STDIN_WINDOW));
    expect(windows.slice(32)).toEqual(Array(168).fill(LIMIT.STDIN_WINDOW_CROWDED));
    await Promise.all(all.map((process) => process.write("line\n")));
    expect(await Promise.all(all.map((process) => process.closed()))).toEqual(Array(200).fill(0));
    expect(all.map((process) => process.text())).toEqual(all.map((_, i) => `line ${i}\n`));
  });

  describe("gives terminals", () => {
    const bash = (script: string) => agent.spawn(["bash", "--norc", "-c", script], { pty });
    const shows = (process: AgentProcess, text: string) =>
      process.until(() => process.text().includes(text), `${JSON.stringify(text)} on the terminal`);

    it("of the given size, as the controlling terminal, with UTF-8", async () => {
      const process = agent.sh(
        "tty; stty size; stty -a | tr ';' '\\n' | grep -o '.iutf8'; echo $TERM; : < /dev/tty; ps -o tty= $$",
        { pty },
      );
      expect(await process.closed()).toBe(0);
      const lines = process.text().split("\r\n");
      expect(lines[0]).toMatch(/^\/dev\/pts\/\d+$/);
      expect(lines.slice(1, 4)).toEqual(["31 97", " iutf8", "xterm-256color"]);
      expect(`/dev/${lines[4]}`.trim()).toBe(lines[0]);
      const ends = process.frames.filter((frame) => frame.type === FRAME.OUTPUT_EOF);
      expect(ends.map((frame) => [...frame.payload])).toEqual([[STREAM.STDOUT]]);
    });

    it("that change their size and tell it", async () => {
      const process = bash("trap 'stty size; exit' WINCH; echo up; while :; do sleep 0.01; done");
      await shows(process, "up");
      const size = Buffer.alloc(8);
      size.writeUInt16LE(120, 0);
      size.writeUInt16LE(40, 2);
      process.send(FRAME.RESIZE, size);
      await process.closed();
      expect(process.text()).toContain("40 120");
    });

    it("that echo, edit lines, and end at their end-of-file character", async () => {
      const process = await agent.spawn(["cat"], { pty }).started();
      await process.write("abX\x7fc\n");
      await shows(process, "abc\r\n");
      process.send(FRAME.STDIN_EOF);
      expect(await process.closed()).toBe(0);
    });

    it.each([
      ["a shell's busy loop", ["bash", "-c", "echo up; while :; do :; done"]],
      ["Python's busy loop", ["python3", "-c", "print('up', flush=True)\nwhile True: pass"]],
      ["a flood", ["yes", "up"]],
    ])("whose Ctrl-C ends %s", async (_what, argv) => {
      const process = agent.spawn(argv, { pty });
      await shows(process, "up");
      await process.write("\x03");
      expect([`signal ${SIGINT}`, 130, 1]).toContain(await process.closed());
    });

    it.each([
      ["lines", "echo up; exec sleep 1000", "0123456789\n"],
      ["characters", "stty -icanon min 1; echo up; exec sleep 1000", "x"],
    ])("whose Ctrl-C gets past unread %s that fill every buffer", async (_what, script, unread) => {
      const process = bash(script);
      await shows(process, "up");
      process.stdinCredit -= 100_000;
      for (let i = 0; i < 25; i++) process.send(FRAME.STDIN, Buffer.from(unread.repeat(4000).slice(0, 4000)));
      await agent.ping();
      await process.write("\x03");
      expect(await process.closed()).toBe(`signal ${SIGINT}`);
    });

    it.each([2000, 6000, 13_000])("whose Ctrl-C gets past %i unread bytes", async (size) => {
      const process = bash("echo up; exec sleep 1000");
      await shows(process, "up");
      await process.write("0123456789\n".repeat(size / 11));
      await agent.ping();
      await process.write("\x03");
      expect(await process.closed()).toBe(`signal ${SIGINT}`);
    });

    it("whose Ctrl-C keeps the input when the program asked for that", async () => {
      const process = bash(
        "trap 'echo caught; go=1' INT; stty noflsh -echo; echo up; while [ ! $go ]; do sleep 0.01; done; head -c 22000 | sha256sum",
      );
      await shows(process, "up");
      const data = "0123456789\n".repeat(2000);
      await process.write(data);
      await agent.ping();
      await process.write("\x03");
      await shows(process, sha256(Buffer.from(data)));
      expect(await process.closed()).toBe(0);
      expect(process.text()).toContain("caught");
    });

    it("that take a long paste without losing a byte", async () => {
      const process = bash("stty raw -echo; echo up; sleep 0.1; head -c 100000 | sha256sum");
      await shows(process, "up");
      const data = randomBytes(random(5), 100_000);
      await process.write(data);
      await shows(process, sha256(data));
      expect(await process.closed()).toBe(0);
    });

    it("whose foreground group gets the signal, and the shell too", async () => {
      const process = bash(
        "set -m; trap 'echo shell' TERM; sh -c 'trap \"echo job; exit\" TERM; echo up; while :; do sleep 0.01; done'; echo after",
      );
      await shows(process, "up");
      process.signal(SIGTERM);
      await process.closed();
      for (const text of ["job", "shell", "after"]) expect(process.text()).toContain(text);
    });

    it("that do not hang up on a process that closes its streams, and may open them again", async () => {
      const process = bash(
        `exec <&- >&- 2>&-; sleep 0.1; echo again > /dev/tty; sleep 0.1; echo twice > /dev/tty; exit 12`,
      );
      expect(await process.closed()).toBe(12);
      expect(process.text()).toBe("again\r\ntwice\r\n");
    });

    it("that show all output before EXIT, and go on with background children", async () => {
      const process = bash(
        `trap '' HUP; (trap '' HUP; while [ ! -e ${dir}/go ]; do sleep 0.01; done; echo late) & seq 20000; exit 9`,
      );
      await process.until(() => process.has(FRAME.EXIT), "EXIT");
      expect([process.exitStatus(), process.has(FRAME.CLOSED)]).toEqual([9, false]);
      expect(process.text()).toMatch(/\r\n19999\r\n20000\r\n$/);
      await agent.sh(`touch ${dir}/go`).closed();
      await process.closed();
      expect(process.text()).toMatch(/late\r\n$/);
    });

    it("that hang up when told to", async () => {
      const process = bash("echo up; sleep 1000; echo not here");
      await shows(process, "up");
      process.signal(SIGHUP);
      process.signal(SIGCONT);
      expect(await process.closed()).toBe(`signal ${SIGHUP}`);
    });

    it("not for a pipe: RESIZE is refused", async () => {
      const process = await agent.spawn(["cat"]).started();
      process.send(FRAME.RESIZE, new Uint8Array(8));
      await agent.ping();
      expect(agent.errors(process)[0]).toMatchObject({ code: ERR.BAD_PAYLOAD, detail: FRAME.RESIZE });
      process.send(FRAME.STDIN_EOF);
      await process.closed();
    });
  });

  describe("stays up", () => {
    it("under random frames and bytes, with bounded memory", async () => {
      const below = random(4711);
      const valid = encodeSpawnRequest({
        argv: ["true"],
        env: { A: "b" },
        cwd: "/",
        user: "",
        pty: null,
        stdinNull: true,
        clearEnv: false,
        login: false,
        stdoutCredit: 100,
        stderrCredit: 100,
      });
      const pid = agent.process.pid as number;
      const types = [...Object.values(FRAME), 0, 200];
      await agent.ping();
      for (let round = 0; round < 100; round++) {
        for (let i = 0; i < 100; i++) {
          const type = types[below(types.length)] as number;
          // WHY: a random signal number or user must not reach this computer's other processes: only our children are there.
          const size = below(8) ? below(20) : below(MAX_PAYLOAD);
          agent.send(type, below(4) ? 5000 + below(40) : below(2), randomBytes(below, size), below(3) ? 0 : FLAG.MORE);
        }
        const request = Buffer.from(valid);
        request[below(24)] = below(256);
        agent.sendRequest(6000 + round, request);
        await agent.sendBytes(randomBytes(below, below(3000)));
        // A cut frame may have taken the next one as its payload: a page of zeros ends any.
        await agent.sendBytes(Buffer.alloc(4096));
        await agent.ping();
      }
      expect(await agent.sh("exit 8").closed()).toBe(8);
      expect(rssKb(pid)).toBeLessThan(300_000);
    });

    it("with unfinished requests on all channels, which take no more than their limit", async () => {
      const pid = agent.process.pid as number;
      await agent.ping();
      const before = rssKb(pid);
      for (let id = 10_000; id < 10_000 + LIMIT.CHANNELS; id++)
        for (let i = 0; i < 8; i++) agent.send(FRAME.SPAWN, id, Buffer.alloc(MAX_PAYLOAD), FLAG.MORE);
      await agent.ping();
      expect(rssKb(pid) - before).toBeLessThan(64 * 1024);
    });
  });
});
