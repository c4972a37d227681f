import { constants } from "node:os";
import { expect, it } from "vitest";
import { ERR, FRAME, STREAM } from "../../runtime-sdk/src/guest/wire.gen.ts";
import { random, randomBytes, sha256 } from "./agent-build.ts";
import type { AgentProcess } from "./agent-client.ts";
import { describeAgent, PTY } from "./describe-agent.ts";

const { SIGINT, SIGTERM, SIGHUP, SIGCONT } = constants.signals;

describeAgent("gives terminals", (at) => {
  const bash = (script: string) => at.agent.spawn(["bash", "--norc", "-c", script], { pty: PTY });
  const shows = (process: AgentProcess, text: string) =>
    process.until(() => process.text().includes(text), `${JSON.stringify(text)} on the terminal`);

  it("of the given size, as the controlling terminal, with UTF-8", async () => {
    const process = at.agent.sh(
      "tty; stty size; stty -a | tr ';' '\\n' | grep -o '.iutf8'; echo $TERM; : < /dev/tty; ps -o tty= $$",
      { pty: PTY },
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
    const process = await at.agent.spawn(["cat"], { pty: PTY }).started();
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
    const process = at.agent.spawn(argv, { pty: PTY });
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
    await at.agent.ping();
    await process.write("\x03");
    expect(await process.closed()).toBe(`signal ${SIGINT}`);
  });

  it.each([2000, 6000, 13_000])("whose Ctrl-C gets past %i unread bytes", async (size) => {
    const process = bash("echo up; exec sleep 1000");
    await shows(process, "up");
    await process.write("0123456789\n".repeat(size / 11));
    await at.agent.ping();
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
    await at.agent.ping();
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
      `trap '' HUP; (trap '' HUP; while [ ! -e ${at.dir}/go ]; do sleep 0.01; done; echo late) & seq 20000; exit 9`,
    );
    await process.until(() => process.has(FRAME.EXIT), "EXIT");
    expect([process.exitStatus(), process.has(FRAME.CLOSED)]).toEqual([9, false]);
    expect(process.text()).toMatch(/\r\n19999\r\n20000\r\n$/);
    await at.agent.sh(`touch ${at.dir}/go`).closed();
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
    const process = await at.agent.spawn(["cat"]).started();
    process.send(FRAME.RESIZE, new Uint8Array(8));
    await at.agent.ping();
    expect(at.agent.errors(process)[0]).toMatchObject({ code: ERR.BAD_PAYLOAD, detail: FRAME.RESIZE });
    process.send(FRAME.STDIN_EOF);
    await process.closed();
  });
});
