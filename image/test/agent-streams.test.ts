import { randomBytes as osRandomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { ERR, FRAME, LIMIT, MAX_PAYLOAD, STREAM } from "../../runtime-sdk/src/guest/wire.gen.ts";
import { sha256 } from "./agent-build.ts";
import { describeAgent, PTY } from "./describe-agent.ts";

const { SIGKILL } = constants.signals;

describeAgent("and streams", (at) => {
  describe("moves bytes", () => {
    it("exactly, 10 MB each way at once", async () => {
      const data = osRandomBytes(10_000_000);
      const process = await at.agent.spawn(["cat"]).started();
      await process.write(data);
      process.send(FRAME.STDIN_EOF);
      expect(await process.closed()).toBe(0);
      expect(process.received).toBe(data.length);
      expect(sha256(process.bytes())).toBe(sha256(data));
    });

    it("exactly, 5 MB on stdout and stderr at once", async () => {
      const process = at.agent.sh(
        "head -c 5000000 /dev/zero | tr '\\0' a & head -c 5000000 /dev/zero | tr '\\0' b >&2; wait",
      );
      await process.closed();
      expect(sha256(process.bytes())).toBe(sha256(Buffer.alloc(5e6, "a")));
      expect(sha256(process.bytes("stderr"))).toBe(sha256(Buffer.alloc(5e6, "b")));
    });

    it("never beyond the credit, and to the last byte", async () => {
      const process = at.agent.spawn(["head", "-c", "10000", "/dev/zero"], { stdoutCredit: 4000 });
      process.autoCredit = false;
      await process.until(() => process.received === 4000, "4000 bytes");
      await at.agent.ping();
      expect(process.received).toBe(4000);
      expect(process.has(FRAME.EXIT)).toBe(false);
      process.credit(STREAM.STDOUT, 5999);
      await process.until(() => process.received === 9999, "all bytes but one");
      await at.agent.ping();
      expect(process.has(FRAME.EXIT)).toBe(false);
      process.credit(STREAM.STDOUT, 1);
      expect(await process.closed()).toBe(0);
      expect(process.received).toBe(10_000);
    });

    it("ends a stream without needing credit for it", async () => {
      const none = at.agent.spawn(["true"], { stdoutCredit: 0, stderrCredit: 0 });
      expect(await none.closed()).toBe(0);
      const exact = at.agent.spawn(["head", "-c", "5000", "/dev/zero"], { stdoutCredit: 5000 });
      exact.autoCredit = false;
      expect(await exact.closed()).toBe(0);
      expect(exact.received).toBe(5000);
    });

    it("for others while one is without credit", async () => {
      const flood = at.agent.spawn(["yes"]);
      flood.autoCredit = false;
      await flood.until(() => flood.received === 256 * 1024, "the window");
      const echo = at.agent.spawn(["echo", "other"]);
      expect(await echo.closed()).toBe(0);
      expect(echo.text()).toBe("other\n");
      expect(flood.received).toBe(256 * 1024);
    });

    it("in turn: no flood gets more than its share", async () => {
      const floods = Array.from({ length: 20 }, () => at.agent.spawn(["yes"]));
      await at.agent.until(() => floods.every((flood) => flood.received > 100_000), "all floods");
      const sizes = floods.map((flood) => flood.received);
      expect(await at.agent.spawn(["echo", "other"]).closed()).toBe(0);
      for (const flood of floods) flood.signal(SIGKILL);
      for (const flood of floods) expect(await flood.closed()).toBe(`signal ${SIGKILL}`);
      expect(Math.max(...sizes)).toBeLessThan(100 * Math.min(...sizes));
    });

    it("to a process that reads slowly, never over the window", async () => {
      const data = osRandomBytes(1_000_000);
      const process = await at.agent.sh("for i in 1 2 3 4 5; do sleep 0.02; head -c 200000; done").started();
      expect(process.stdinCredit).toBe(LIMIT.STDIN_WINDOW);
      await process.write(data);
      process.send(FRAME.STDIN_EOF);
      await process.closed();
      expect(process.stdinCredit).toBeLessThanOrEqual(LIMIT.STDIN_WINDOW);
    });

    it("into nothing when nobody reads, without hanging the host", async () => {
      const process = await at.agent.sh("exec <&-; echo closed; sleep 1000").started();
      await process.until(() => process.text() === "closed\n", "stdin to be closed");
      await process.write(Buffer.alloc(1_000_000));
      await process.until(() => process.stdinCredit === LIMIT.STDIN_WINDOW, "all credit back");
      expect(at.agent.errors(process)).toEqual([]);
    });

    it("not at all into /dev/null", async () => {
      const process = at.agent.spawn(["cat"], { stdinNull: true });
      expect(await process.closed()).toBe(0);
      expect(process.payload(FRAME.SPAWNED).readUInt32LE(4)).toBe(0);
    });

    it("and kills a process whose window the host overran", async () => {
      const process = await at.agent.spawn(["sleep", "1000"]).started();
      for (let sent = 0; sent < LIMIT.STDIN_WINDOW + MAX_PAYLOAD; sent += MAX_PAYLOAD)
        process.send(FRAME.STDIN, Buffer.alloc(MAX_PAYLOAD));
      // What the pipe took came back as credit; so go on until it is too much.
      await at.agent.ping();
      for (let i = 0; i < 64; i++) process.send(FRAME.STDIN, Buffer.alloc(MAX_PAYLOAD));
      expect(await process.closed()).toBe(`signal ${SIGKILL}`);
      expect(at.agent.errors(process)[0]).toMatchObject({ code: ERR.CREDIT_OVERRUN });
    });
  });

  describe("ends channels", () => {
    it("only after background children, but tells the exit at once", async () => {
      const process = at.agent.sh(`mkfifo ${at.dir}/fifo; (read x < ${at.dir}/fifo; echo late) & echo early; exit 7`);
      await process.until(() => process.has(FRAME.EXIT), "EXIT");
      await at.agent.ping();
      expect([process.exitStatus(), process.text(), process.has(FRAME.CLOSED)]).toEqual([7, "early\n", false]);
      await at.agent.sh(`echo go > ${at.dir}/fifo`).closed();
      await process.closed();
      expect(process.text()).toBe("early\nlate\n");
    });

    it("with EXIT after everything that was written, although a background child never stops", async () => {
      const process = at.agent.sh("yes & printf '%s' mark; exit 6");
      await process.until(() => process.has(FRAME.EXIT), "EXIT");
      expect(process.text()).toContain("mark");
      process.signal(SIGKILL);
      expect(await process.closed()).toBe(6);
    });

    it("when detached: output is discarded, the process goes on", async () => {
      const process = at.agent.sh(`yes | head -c 3000000; echo done > ${at.dir}/done`);
      await process.started();
      process.autoCredit = false;
      process.send(FRAME.DETACH);
      expect(await process.closed()).toBe(0);
      expect(readFileSync(`${at.dir}/done`, "utf8")).toBe("done\n");
    });

    it("when detached with a background child, which does not die of it", async () => {
      // It floods only when told to: what is written before EXIT would have to be taken first.
      const process = at.agent.sh(
        `mkfifo ${at.dir}/go; (read x < ${at.dir}/go; yes | head -c 3000000; echo done > ${at.dir}/late) & exit 1`,
      );
      process.autoCredit = false;
      await process.until(() => process.has(FRAME.EXIT), "EXIT");
      process.send(FRAME.DETACH);
      expect(await process.closed()).toBe(1);
      const wait = at.agent.sh(`echo > ${at.dir}/go; while ! [ -s ${at.dir}/late ]; do sleep 0.01; done`);
      expect(await wait.closed()).toBe(0);
    });

    it("and leaves no process or descriptor behind", async () => {
      const pid = at.agent.process.pid as number;
      /** Open descriptors and children of the at.agent. */
      const held = async () => {
        const list = at.agent.sh(`ls /proc/${pid}/fd | wc -l; cat /proc/${pid}/task/*/children | wc -w`);
        await list.closed();
        return list.text().split("\n").map(Number);
      };
      const [descriptors = 0, children = 0] = await held();
      for (let round = 0; round < 5; round++) {
        await Promise.all(
          [at.agent.sh("exit 1"), at.agent.spawn(["true"], { pty: PTY })].map((process) => process.closed()),
        );
        await at.agent.spawn(["no-such-program"], { pty: PTY }).failure();
      }
      // Not "the same", and not at once: what ended may be told before its descriptors are closed, what an earlier test left may end meanwhile.
      const timeout = 30_000;
      await expect.poll(async () => (await held())[0], { timeout }).toBeLessThanOrEqual(descriptors);
      await expect.poll(async () => (await held())[1], { timeout }).toBeLessThanOrEqual(children);
    });
  });
});
