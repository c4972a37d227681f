import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileClient } from "../../runtime-sdk/src/guest/file-client.ts";
import { encodeFileRequest, type FileReply, FileReplyDecoder } from "../../runtime-sdk/src/guest/file-codec.ts";
import { FILE_LIMIT, FILE_OP, FILE_OPEN, FILE_TREE } from "../../runtime-sdk/src/guest/files-wire.gen.ts";
import { buildNative, random, randomBytes } from "./agent-build.ts";

const program = buildNative("native");
const NOBODY = 65534;
const EBADF = 9;
const EMFILE = 24;
const EPROTO = 71;

/** Runs the program in a folder, as nobody when we are root: what a damaged request asks for must not be done to this computer. */
function start(args: readonly string[], cwd: string): ChildProcess {
  const rights = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  return spawn(program, args, { cwd, stdio: ["pipe", "pipe", "pipe"], ...rights });
}

/** Gives the server one input; resolves with all it answers and how it ended. */
function serve(input: Uint8Array, cwd: string): Promise<{ replies: FileReply[]; code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = start(["files"], cwd);
    const replies: FileReply[] = [];
    let stderr = "";
    const decoder = new FileReplyDecoder((reply) => replies.push(reply));
    child.stdout?.on("data", (bytes: Buffer) => decoder.push(bytes));
    child.stderr?.on("data", (text) => {
      stderr += text;
    });
    child.stdin?.on("error", () => undefined);
    child.on("close", (code) => resolve({ replies, code, stderr }));
    child.stdin?.end(input);
  });
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "warmboot-files-"));
  if (process.getuid?.() === 0) {
    chownSync(dir, NOBODY, NOBODY);
    execFileSync("chmod", ["755", join(program, "..")]);
  }
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const request = encodeFileRequest;
const requests = {
  open: (path: string, flags: number) => request(1, FILE_OP.OPEN, [{ u32: flags }, { u32: 0o644 }, { path }]),
  read: (handle: number, size = 100) => request(2, FILE_OP.READ, [{ u32: handle }, { u64: 0n }, { u32: size }]),
  write: (handle: number, rest: Uint8Array) => request(3, FILE_OP.WRITE, [{ u32: handle }, { u64: 0n }, { rest }]),
  close: (handle: number) => request(4, FILE_OP.CLOSE, [{ u32: handle }]),
  stat: (path: string) => request(5, FILE_OP.STAT, [{ path }]),
  list: (path: string) => request(6, FILE_OP.LIST, [{ u32: FILE_TREE.RECURSIVE }, { path }]),
  mkdir: (path: string) => request(7, FILE_OP.MKDIR, [{ u32: FILE_TREE.RECURSIVE }, { u32: 0o755 }, { path }]),
  remove: (path: string) => request(8, FILE_OP.REMOVE, [{ u32: FILE_TREE.RECURSIVE }, { path }]),
  rename: (path: string, to: string) => request(9, FILE_OP.RENAME, [{ path }, { path: to }]),
  chown: (path: string) => request(10, FILE_OP.CHOWN, [{ path }, { path: "nobody" }, { path: "99" }]),
  utimes: (path: string) => request(11, FILE_OP.UTIMES, [{ u64: 1n }, { u32: 2 }, { u64: -3n }, { u32: 4 }, { path }]),
  readlink: (path: string) => request(12, FILE_OP.READLINK, [{ path }]),
  realpath: (path: string) => request(13, FILE_OP.REALPATH, [{ path }]),
  truncate: (path: string) => request(14, FILE_OP.TRUNCATE, [{ u64: 5n }, { path }]),
  statvfs: (path: string) => request(15, FILE_OP.STATVFS, [{ path }]),
};

/** Every kind of request once, on paths below the working directory. */
const sample = () => [
  requests.mkdir("d/e"),
  requests.open("d/f", FILE_OPEN.WRITE | FILE_OPEN.CREATE | FILE_OPEN.READ),
  requests.write(1, Buffer.from("hello")),
  requests.read(1),
  requests.close(1),
  requests.stat("d/f"),
  requests.list("d"),
  requests.rename("d/f", "d/g"),
  requests.chown("d/g"),
  requests.utimes("d/g"),
  requests.readlink("d/g"),
  requests.realpath("d/g"),
  requests.truncate("d/g"),
  requests.statvfs("d"),
  requests.remove("d"),
];

describe("the file server, built with sanitizers", () => {
  it("answers every request in turn and ends when its input does", async () => {
    const { replies, code, stderr } = await serve(Buffer.concat(sample()), dir);
    expect([code, stderr]).toEqual([0, ""]);
    expect(replies.map(({ id }) => id)).toEqual([7, 1, 3, 2, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 8]);
    const errnos = Object.fromEntries(replies.map(({ id, errno }) => [id, errno]));
    // Who is not root cannot give a file away (10), and a file is no link (12).
    expect({ ...errnos, 10: 0, 12: 0 }).toEqual(Object.fromEntries(replies.map(({ id }) => [id, 0])));
    expect(Buffer.from(replies[3]?.payload ?? []).toString()).toBe("hello");
    expect(existsSync(join(dir, "d"))).toBe(false);
  });

  it("gives a number of a closed file to no other, and opens only so many", async () => {
    writeFileSync(join(dir, "f"), "x");
    const open = requests.open("f", FILE_OPEN.READ);
    const many = Array.from({ length: FILE_LIMIT.HANDLES + 1 }, () => open);
    const { replies } = await serve(Buffer.concat([open, requests.close(1), open, requests.read(1), ...many]), dir);
    expect(replies[3]?.errno).toBe(EBADF);
    expect(replies.filter(({ errno }) => errno === EMFILE).length).toBe(2);
    expect(
      new Set(
        replies.filter(({ id, errno }) => id === 1 && errno === 0).map(({ payload }) => payload.slice(0, 4).join()),
      ).size,
    ).toBe(FILE_LIMIT.HANDLES + 1);
  });

  it("refuses a length over the limit before it takes any memory, and ends", async () => {
    for (const length of [FILE_LIMIT.MESSAGE_BYTES + 1, 0xffffffff]) {
      const head = Buffer.alloc(12);
      head.writeUInt32LE(length, 0);
      head.writeUInt32LE(77, 4);
      const { replies, code, stderr } = await serve(
        Buffer.concat([requests.stat("."), head, randomBytes(random(1), 100)]),
        dir,
      );
      expect([code, stderr]).toEqual([1, ""]);
      expect(replies.map(({ id, errno }) => [id, errno])).toEqual([
        [5, 0],
        [77, EPROTO],
      ]);
    }
  });

  it("says what is wrong with a request, and goes on", async () => {
    const inner = (bytes: Uint8Array, change: (view: DataView) => void) => {
      const copy = bytes.slice();
      change(new DataView(copy.buffer));
      return copy;
    };
    const bad = [
      inner(requests.stat("f"), (view) => view.setUint32(8, 99, true)),
      inner(requests.stat("f"), (view) => view.setUint32(12, 0xffffffff, true)),
      inner(requests.stat("ff"), (view) => view.setUint32(12, 1, true)),
      inner(requests.stat("ff"), (view) => view.setUint8(16, 0)),
      request(5, FILE_OP.STAT, []),
      request(5, FILE_OP.WRITE, []),
    ];
    const { replies, code, stderr } = await serve(Buffer.concat([...bad, requests.stat(".")]), dir);
    expect([code, stderr]).toEqual([0, ""]);
    expect(replies.map(({ errno }) => errno)).toEqual([...bad.map(() => EPROTO), 0]);
  });

  it("ends in order wherever its input is cut off", async () => {
    const whole = Buffer.concat(sample());
    for (let at = 0; at < whole.length; at += 7) {
      const { code, stderr } = await serve(whole.subarray(0, at), dir);
      expect([0, 1]).toContain(code);
      expect(stderr).toBe("");
    }
  });

  it("survives 400 damaged inputs: an error or an end, never a crash", async () => {
    const below = random(20261);
    for (let round = 0; round < 400; round++) {
      const parts = Array.from({ length: 1 + below(6) }, () => {
        if (below(5) === 0) return randomBytes(below, below(200));
        const all = sample();
        return Buffer.from(all[below(all.length)] as Uint8Array);
      });
      const input = Buffer.concat(parts);
      for (let i = below(4); i > 0 && input.length > 0; i--) input[below(input.length)] = below(256);
      const { code, stderr } = await serve(input, dir);
      expect([0, 1], `round ${round}: ${stderr}`).toContain(code);
      expect(stderr, `round ${round}`).toBe("");
    }
  });

  it("lists and removes a tree of many directories in pieces", async () => {
    for (let i = 0; i < 60; i++) {
      mkdirSync(join(dir, `tree/${i}/${"n".repeat(200)}`), { recursive: true });
      for (let k = 0; k < 20; k++) writeFileSync(join(dir, `tree/${i}/${"n".repeat(200)}/${k}`), "");
    }
    if (process.getuid?.() === 0) execFileSync("chown", ["-R", String(NOBODY), join(dir, "tree")]);
    const child = start(["files"], dir);
    const client = new FileClient((bytes) => child.stdin?.write(bytes));
    child.stdout?.on("data", (bytes: Buffer) => client.receive(bytes));
    const files = await client.list({ operation: "list", path: "tree" }, FILE_TREE.RECURSIVE);
    expect(files.length).toBe(60 * 22);
    expect(new Set(files.map(({ path }) => path)).size).toBe(60 * 22);
    const fields = [{ u32: FILE_TREE.RECURSIVE }, { path: "tree" }];
    await client.request(FILE_OP.REMOVE, { operation: "remove", path: "tree" }, fields);
    expect(existsSync(join(dir, "tree"))).toBe(false);
    child.stdin?.end();
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  });
});

describe("the watchers, built with sanitizers", () => {
  it.each([["ports"], ["watch ."], ["watch --recursive ."]])(
    "`%s` says that it is ready, and ends with its input",
    async (line) => {
      const child = start(line.split(" "), dir);
      let stderr = "";
      child.stderr?.on("data", (text) => {
        stderr += text;
      });
      await new Promise<void>((resolve) => {
        const decoder = new FileReplyDecoder(({ payload, errno }) => {
          expect(errno).toBe(0);
          if (payload[0] === 0) resolve();
        });
        child.stdout?.on("data", (bytes: Buffer) => decoder.push(bytes));
      });
      child.stdin?.end();
      expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
      expect(stderr).toBe("");
    },
  );

  it("a recursive watch follows a tree that comes, moves and goes", async () => {
    const child = start(["watch", "--recursive", "."], dir);
    let stderr = "";
    child.stderr?.on("data", (text) => {
      stderr += text;
    });
    let count = 0;
    const decoder = new FileReplyDecoder(() => count++);
    child.stdout?.on("data", (bytes: Buffer) => decoder.push(bytes));
    await expect.poll(() => count).toBe(1);
    for (let i = 0; i < 30; i++) {
      mkdirSync(join(dir, `a${i}/b/c/d`), { recursive: true });
      execFileSync("mv", [join(dir, `a${i}/b`), join(dir, `b${i}`)]);
    }
    for (let i = 0; i < 30; i++) rmSync(join(dir, `b${i}`), { recursive: true });
    await expect.poll(() => count, { timeout: 30_000 }).toBeGreaterThan(30 * 4);
    child.stdin?.end();
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
    expect(stderr).toBe("");
  });
});
