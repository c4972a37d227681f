import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeSpawnRequest } from "../../runtime-sdk/src/guest/payload.ts";
import { ERR, FLAG, FRAME, LIMIT, MAX_PAYLOAD } from "../../runtime-sdk/src/guest/wire.gen.ts";
import { random, randomBytes } from "./agent-build.ts";
import { describeAgent } from "./describe-agent.ts";

function rssKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

describeAgent("on the link", (at) => {
  describe("on the link", () => {
    it("announces itself, answers HELLO as often as it comes, and PING", async () => {
      const hello = Buffer.alloc(12 + 32);
      hello.writeUInt16LE(1, 0);
      hello.writeUInt16LE(32, 2);
      for (let i = 0; i < 2; i++) at.agent.send(FRAME.HELLO, 0, hello);
      await at.agent.ping();
      expect(at.agent.linkFrames.map((frame) => frame.type)).toEqual([
        FRAME.ANNOUNCE,
        FRAME.READY,
        FRAME.READY,
        FRAME.PONG,
      ]);
      const ready = Buffer.from(at.agent.linkFrames[1]?.payload ?? []);
      expect([ready.readUInt16LE(0), ready.readUInt32LE(4)]).toEqual([1, LIMIT.CHANNELS]);
      expect(ready.toString("utf8", 8)).toMatch(/^warmboot-agent /);
    });

    it("answers another version with its own", async () => {
      at.agent.send(FRAME.HELLO, 0, Uint8Array.of(2, 0, 1, 2, 3));
      await at.agent.ping();
      expect(at.agent.linkFrames[1]?.type).toBe(FRAME.READY);
      expect(at.agent.linkFrames[1]?.payload[0]).toBe(1);
    });

    it("reports what it does not understand, and goes on", async () => {
      await at.agent.sendBytes(Buffer.alloc(1000, 0xaa));
      at.agent.send(77, 5);
      at.agent.send(FRAME.PING, 0, Uint8Array.of(1));
      at.agent.send(FRAME.PING, 3, new Uint8Array(8));
      at.agent.send(FRAME.STDIN, 0, new Uint8Array(8));
      at.agent.send(FRAME.HELLO, 0, new Uint8Array(11));
      await at.agent.ping();
      expect(at.agent.errors().map(({ code, detail }) => [code, detail])).toEqual([
        [ERR.RESYNC, 1000],
        [ERR.BAD_PAYLOAD, FRAME.PING],
        [ERR.UNKNOWN_CHANNEL, 0],
      ]);
    });

    it("ignores frames for channels that are gone", async () => {
      const types = [FRAME.STDIN, FRAME.STDIN_EOF, FRAME.CREDIT, FRAME.SIGNAL, FRAME.RESIZE, FRAME.DETACH];
      for (const type of types) at.agent.send(type, 4000, new Uint8Array(8));
      await at.agent.ping();
      expect(at.agent.errors()).toEqual([]);
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
      const pid = at.agent.process.pid as number;
      const types = [...Object.values(FRAME), 0, 200];
      await at.agent.ping();
      for (let round = 0; round < 100; round++) {
        for (let i = 0; i < 100; i++) {
          const type = types[below(types.length)] as number;
          // WHY: a random signal number or user must not reach this computer's other processes: only our children are there.
          const size = below(8) ? below(20) : below(MAX_PAYLOAD);
          at.agent.send(
            type,
            below(4) ? 5000 + below(40) : below(2),
            randomBytes(below, size),
            below(3) ? 0 : FLAG.MORE,
          );
        }
        const request = Buffer.from(valid);
        request[below(24)] = below(256);
        at.agent.sendRequest(6000 + round, request);
        await at.agent.sendBytes(randomBytes(below, below(3000)));
        // A cut frame may have taken the next one as its payload: a page of zeros ends any.
        await at.agent.sendBytes(Buffer.alloc(4096));
        await at.agent.ping();
      }
      expect(await at.agent.sh("exit 8").closed()).toBe(8);
      expect(rssKb(pid)).toBeLessThan(300_000);
    });

    it("with unfinished requests on all channels, which take no more than their limit", async () => {
      const pid = at.agent.process.pid as number;
      await at.agent.ping();
      const before = rssKb(pid);
      for (let id = 10_000; id < 10_000 + LIMIT.CHANNELS; id++)
        for (let i = 0; i < 8; i++) at.agent.send(FRAME.SPAWN, id, Buffer.alloc(MAX_PAYLOAD), FLAG.MORE);
      await at.agent.ping();
      expect(rssKb(pid) - before).toBeLessThan(64 * 1024);
    });
  });
});
