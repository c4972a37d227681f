import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { ERR, FLAG, FRAME, LIMIT, MAX_PAYLOAD, STAGE } from "../../runtime-sdk/src/guest/wire.gen.ts";
import { sha256 } from "./agent-build.ts";
import type { AgentClient } from "./agent-client.ts";
import { describeAgent, PTY } from "./describe-agent.ts";

const { SIGTERM, SIGKILL } = constants.signals;
const { ENOENT, EACCES, EINVAL, E2BIG, ENOTDIR } = constants.errno;

describeAgent("and its processes", (at) => {
  describe("runs processes", () => {
    it("gives stdout and stderr apart, and closes in order", async () => {
      const process = at.agent.sh("echo out; echo err >&2; exit 3");
      expect(await process.closed()).toBe(3);
      expect([process.text(), process.text("stderr")]).toEqual(["out\n", "err\n"]);
      const types = process.frames.map((frame) => frame.type);
      expect(types[0]).toBe(FRAME.SPAWNED);
      expect(types.at(-1)).toBe(FRAME.CLOSED);
      expect(types.filter((type) => type === FRAME.OUTPUT_EOF).length).toBe(2);
    });

    it("gives every exit code from 0 to 255", async () => {
      const all = Array.from({ length: 256 }, (_, code) => at.agent.sh(`exit ${code}`));
      const codes = await Promise.all(all.map((process) => process.closed()));
      expect(codes).toEqual(Array.from({ length: 256 }, (_, code) => code));
    });

    it("tells the signal that ended a process", async () => {
      const process = at.agent.sh("kill -9 $$");
      expect(await process.closed()).toBe(`signal ${SIGKILL}`);
    });

    it("signals the group, or the process alone", async () => {
      const script =
        "trap 'echo parent' TERM; sh -c \"trap 'echo child; exit' TERM; echo up; while :; do sleep 0.01; done\"; wait";
      const group = at.agent.sh(script);
      await group.until(() => group.text().includes("up"), "the child");
      group.signal(SIGTERM);
      await group.closed();
      expect(group.text()).toContain("child");
      expect(group.text()).toContain("parent");

      const loop = "trap 'echo child' TERM; echo up; while :; do sleep 0.01; done";
      const alone = at.agent.sh(`trap 'exit 5' TERM; sh -c "${loop}" & wait`);
      await alone.until(() => alone.text().includes("up"), "the child");
      alone.signal(SIGTERM, true);
      await alone.until(() => alone.has(FRAME.EXIT), "EXIT");
      expect(alone.exitStatus()).toBe(5);
      alone.signal(SIGKILL);
      await alone.closed();
      expect(alone.text()).not.toContain("child");
    });

    it("starts each in its own session, with an empty mask and default dispositions", async () => {
      const process = at.agent.spawn(["cat", "/proc/self/status", "/proc/self/stat"]);
      await process.closed();
      expect(process.text()).toMatch(/^SigBlk:\t0+$/m);
      expect(process.text()).toMatch(/^SigIgn:\t0+$/m);
      const [, , group, session] = (process.text().split(") ").at(-1) as string).split(" ");
      expect([Number(group), Number(session)]).toEqual([process.pid, process.pid]);
    });

    it("leaves no descriptor of its own open", async () => {
      const process = at.agent.sh("ls /proc/self/fd");
      await process.closed();
      expect(process.text().trim().split("\n")).toEqual(["0", "1", "2", "3"]); // 3: ls reads the folder
    });

    it("passes arguments, variables and the folder exactly", async () => {
      const env = { A: "x=y z\n", PATH: "/usr/bin:/bin", HOME: "/nowhere" };
      const process = at.agent.spawn(["sh", "-c", 'pwd; echo "$1|$2"; echo "$A$HOME $LANG $TERM"', "sh", "ä b", ""], {
        env,
        cwd: at.dir,
      });
      await process.closed();
      expect(process.text()).toBe(`${at.dir}\nä b|\nx=y z\n/nowhere C.UTF-8 dumb\n`);
    });

    it("gives only the wanted variables on request, and a login shell its name", async () => {
      const clear = at.agent.spawn(["env"], { clearEnv: true, env: { ONLY: "this" } });
      await clear.closed();
      expect(clear.text()).toBe("ONLY=this\n");
      const login = at.agent.spawn(["sh", "-c", "cat /proc/$$/cmdline"], { login: true });
      await login.closed();
      expect(login.text().split("\0")[0]).toBe("-sh");
    });

    it("takes arguments of 200 KB in all, in many frames", async () => {
      const argv = ["printf", "%s\n", ...Array.from({ length: 2000 }, (_, i) => `${i}${"x".repeat(90)}`)];
      const process = at.agent.spawn(argv);
      expect(await process.closed()).toBe(0);
      expect(sha256(process.bytes())).toBe(sha256(Buffer.from(`${argv.slice(2).join("\n")}\n`)));
    });

    it.runIf(process.getuid?.() === 0)("becomes another user with its groups", async () => {
      const change = { user: "daemon", cwd: "/" };
      const process = at.agent.spawn(
        ["sh", "-c", "id -un; id -gn; echo $USER; cat /etc/shadow || echo refused"],
        change,
      );
      await process.closed();
      expect(process.text()).toBe("daemon\ndaemon\ndaemon\nrefused\n");
      const number = at.agent.spawn(["sh", "-c", "id -u; id -g; id -G; echo $HOME"], { user: "54321" });
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
      for (const terminal of [null, PTY]) {
        const failure = await at.agent.spawn(argv, { ...change, pty: terminal }).failure();
        expect(failure).toMatchObject({ stage, errno });
        expect(failure.text).not.toBe("");
      }
      expect(await at.agent.sh("exit 4").closed()).toBe(4);
    });

    it("a request over 256 KiB, once, after its last part", async () => {
      const process = at.agent.open();
      at.agent.sendRequest(process.id, Buffer.alloc(LIMIT.SPAWN_BYTES + 5 * MAX_PAYLOAD));
      expect(await process.failure()).toMatchObject({ stage: STAGE.REQUEST, errno: EINVAL });
      await at.agent.ping();
      expect(process.frames.length).toBe(1);
    });

    it("a channel that is in use", async () => {
      const process = await at.agent.spawn(["cat"]).started();
      at.agent.sendRequest(process.id, Buffer.alloc(10));
      await at.agent.ping();
      expect(at.agent.errors(process).map(({ code }) => code)).toEqual([ERR.DUPLICATE_CHANNEL]);
      await process.write("still here\n");
      process.send(FRAME.STDIN_EOF);
      expect(await process.closed()).toBe(0);
      expect(process.text()).toBe("still here\n");
    });

    it("the 1025th channel", async () => {
      const open = Array.from({ length: LIMIT.CHANNELS }, () => at.agent.open());
      for (const { id } of open) at.agent.send(FRAME.SPAWN, id, new Uint8Array(1), FLAG.MORE);
      expect(await at.agent.spawn(["true"]).failure()).toMatchObject({ stage: STAGE.LIMIT });
      for (const { id } of open) at.agent.send(FRAME.SPAWN, id, new Uint8Array(1));
      for (const process of open) expect((await process.failure()).stage).toBe(STAGE.REQUEST);
      expect(await at.agent.spawn(["true"]).closed()).toBe(0);
    });
  });

  it("runs 200 processes at once, each with a smaller window when it is crowded", async () => {
    const all = Array.from({ length: 200 }, (_, i) => at.agent.spawn(["sh", "-c", `read x; echo $x ${i}`]));
    await Promise.all(all.map((process) => process.started()));
    const windows = all.map((process) => process.stdinCredit);
    expect(windows.slice(0, 32)).toEqual(Array(32).fill(LIMIT.STDIN_WINDOW));
    expect(windows.slice(32)).toEqual(Array(168).fill(LIMIT.STDIN_WINDOW_CROWDED));
    await Promise.all(all.map((process) => process.write("line\n")));
    expect(await Promise.all(all.map((process) => process.closed()))).toEqual(Array(200).fill(0));
    expect(all.map((process) => process.text())).toEqual(all.map((_, i) => `line ${i}\n`));
  });
});
