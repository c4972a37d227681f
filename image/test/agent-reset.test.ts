import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ERR, FLAG, FRAME, LIMIT, MAX_PAYLOAD, STREAM } from "../../runtime-sdk/src/guest/wire.gen.ts";
import { buildNative } from "./agent-build.ts";
import { AgentClient, type AgentProcess } from "./agent-client.ts";

const program = buildNative("native");
const fifo = `${tmpdir()}/warmboot-agent-reset-${process.pid}`;
let agent: AgentClient;

beforeEach(() => {
  agent = new AgentClient(program);
});
afterEach(async () => {
  expect(await agent.close()).toBe(0);
  expect(agent.stderr).toBe("");
});

/** A new host says that it is there; gives the terminals that it may attach to. */
async function reset(nonce = 77n) {
  const payload = Buffer.alloc(8);
  payload.writeBigUInt64LE(nonce);
  const answers = () => agent.linkFrames.filter((frame) => frame.type === FRAME.RESET_DONE);
  const before = answers().length;
  agent.send(FRAME.RESET, 0, payload);
  await agent.until(() => answers().length > before, "RESET_DONE");
  const answer = Buffer.from(answers().at(-1)?.payload ?? []);
  expect(answer.readBigUInt64LE(0)).toBe(nonce);
  const terminals = [];
  for (let at = 8; at < answer.length; at += 16) {
    const [channel, pid, credit] = [0, 4, 8].map((field) => answer.readUInt32LE(at + field));
    terminals.push({ channel, pid, credit, cols: answer.readUInt16LE(at + 12), rows: answer.readUInt16LE(at + 14) });
  }
  return terminals;
}

function attach(process: AgentProcess, credit: number, cols: number, rows: number): void {
  const payload = Buffer.alloc(12);
  payload.writeUInt32LE(credit, 0);
  payload.writeUInt16LE(cols, 4);
  payload.writeUInt16LE(rows, 6);
  process.send(FRAME.ATTACH, payload);
}

it("a terminal lives on, is listed, is silent until it is attached, and goes on where it was", async () => {
  const shell = await agent.spawn(["/bin/sh"], { pty: { cols: 91, rows: 17 } }).started();
  await shell.write("stty -echo; x=$((6*7)); echo ready-$x\n");
  await shell.until(() => shell.text().includes("ready-42"), "the shell");
  const [terminal] = await reset();
  expect(terminal).toEqual({ channel: shell.id, pid: shell.pid, credit: LIMIT.STDIN_WINDOW, cols: 91, rows: 17 });
  const before = shell.text();
  // The pipe tells that the trap is set: the terminal itself is silent.
  const told = await agent.sh(`mkfifo ${fifo}; cat ${fifo}; rm ${fifo}`).started();
  await agent.sh(`until test -p ${fifo}; do sleep 0.02; done`).closed();
  await shell.write(`trap 'echo size $(stty size)' WINCH; echo $((x+1)); echo trap > ${fifo}; read y\n`);
  await told.until(() => told.text().includes("trap"), "the trap");
  expect(shell.text()).toBe(before);
  attach(shell, 1 << 16, 120, 40);
  await shell.until(() => /43\r\n/.test(shell.text()) && shell.text().includes("size 40 120"), "the answers");
  expect(agent.errors(shell)).toEqual([]);
  shell.signal(9);
  await shell.closed();
});

it("what a terminal's program writes and its end wait for the host that attaches", async () => {
  const program = await agent.sh("read x; echo got-$x; exit 5", { pty: { cols: 80, rows: 24 } }).started();
  expect(await reset()).toHaveLength(1);
  await program.write("abc\n");
  // Another process tells that it is over.
  await agent
    .sh(`while kill -0 ${program.pid} 2>/dev/null && ! grep -q ' Z ' /proc/${program.pid}/stat; do sleep 0.02; done`)
    .closed();
  await agent.ping();
  expect(program.has(FRAME.EXIT)).toBe(false);
  attach(program, 1 << 16, 80, 24);
  expect(await program.closed()).toBe(5);
  expect(program.text()).toContain("got-abc");
});

it("other channels end for the host without a word, their processes go on and their numbers are free", async () => {
  const running = await agent.sh("echo a; read x; sleep 0.2; echo b; exit 3").started();
  await running.until(() => running.received > 0, "the first line");
  agent.send(FRAME.SPAWN, 900, Buffer.alloc(MAX_PAYLOAD), FLAG.MORE);
  expect(await reset()).toEqual([]);
  running.frames.length = 0;
  const count = running.received;
  const again = agent.spawn(["sh", "-c", `while kill -0 ${running.pid} 2>/dev/null; do sleep 0.02; done; echo over`]);
  expect(await again.closed()).toBe(0);
  expect(again.text()).toBe("over\n");
  await agent.ping();
  expect(running.frames).toEqual([]);
  expect(running.received).toBe(count);
  expect(agent.errors()).toEqual([]);
});

it("a number that an orphan had can be used again, and the orphan's end is not told under it", async () => {
  const orphan = await agent.sh("read x; exit 9").started();
  await reset();
  const { id } = orphan;
  orphan.frames.length = 0;
  agent.send(FRAME.CREDIT, id, Buffer.from([STREAM.STDOUT, 0, 0, 0, 1, 0, 0, 0]));
  await agent.ping();
  await agent.sh(`while kill -0 ${orphan.pid} 2>/dev/null; do sleep 0.02; done`).closed();
  await agent.ping();
  expect(orphan.frames).toEqual([]);
});

it("keeps so many terminals and no more, and a thousand channels do not overflow its output", async () => {
  const all = [];
  for (let i = 0; i < 140; i++) all.push(await agent.spawn(["cat"], { pty: { cols: 80, rows: 24 } }).started());
  for (let id = 2000; id < 2000 + LIMIT.CHANNELS - 140; id++) agent.send(FRAME.SPAWN, id, Buffer.alloc(10), FLAG.MORE);
  const kept = await reset();
  expect(kept).toHaveLength(LIMIT.KEPT_TERMINALS);
  expect(new Set(kept.map(({ channel }) => channel)).size).toBe(LIMIT.KEPT_TERMINALS);
});

it("wrong payloads are refused", async () => {
  agent.send(FRAME.RESET, 0, Buffer.alloc(7));
  agent.send(FRAME.IDENTITY, 0, Buffer.alloc(23));
  const pipe = await agent.spawn(["cat"]).started();
  pipe.send(FRAME.ATTACH, Buffer.alloc(12));
  await agent.ping();
  expect(agent.errors()[0]).toMatchObject({ code: ERR.BAD_PAYLOAD, detail: FRAME.RESET });
  expect(agent.errors()[1]).toMatchObject({ code: ERR.BAD_PAYLOAD, detail: FRAME.IDENTITY });
  expect(agent.errors(pipe)[0]).toMatchObject({ code: ERR.BAD_PAYLOAD, detail: FRAME.ATTACH });
});
