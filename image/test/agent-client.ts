import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { encodeFrame, type Frame, FrameDecoder } from "../../runtime-sdk/src/guest/frame-codec.ts";
import {
  encodeCredit,
  encodeSignal,
  encodeSpawnRequest,
  type SpawnRequest,
} from "../../runtime-sdk/src/guest/payload.ts";
import { EXIT, FLAG, FRAME, MAX_PAYLOAD, STREAM, TARGET } from "../../runtime-sdk/src/guest/wire.gen.ts";

const NOTHING = new Uint8Array(0);
const WINDOW = 256 * 1024;

const request: SpawnRequest = {
  argv: [],
  env: {},
  cwd: "/",
  user: "",
  pty: null,
  stdinNull: false,
  clearEnv: false,
  login: false,
  stdoutCredit: WINDOW,
  stderrCredit: WINDOW,
};

/** One process of the agent, as its frames tell it. */
export class AgentProcess {
  readonly #client: AgentClient;
  readonly id: number;
  /** In the order in which they came; output is joined by stream instead. */
  readonly frames: Frame[] = [];
  readonly output: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  /** Bytes of stdout so far. */
  received = 0;
  /** Give credit back for every byte that comes. */
  autoCredit = true;
  stdinCredit = 0;
  pid = 0;

  constructor(client: AgentClient, id: number) {
    this.#client = client;
    this.id = id;
  }

  take(frame: Frame): void {
    const view = Buffer.from(frame.payload);
    this.frames.push(frame);
    if (frame.type === FRAME.SPAWNED) {
      this.pid = view.readUInt32LE(0);
      this.stdinCredit += view.readUInt32LE(4);
    }
    if (frame.type === FRAME.STDIN_CREDIT) this.stdinCredit += view.readUInt32LE(0);
    if (frame.type === FRAME.STDOUT || frame.type === FRAME.STDERR) {
      this.frames.pop();
      const isOut = frame.type === FRAME.STDOUT;
      this.output[isOut ? "stdout" : "stderr"].push(view);
      if (isOut) this.received += view.length;
      if (this.autoCredit) this.credit(isOut ? STREAM.STDOUT : STREAM.STDERR, view.length);
    }
  }

  /** Nothing of it runs any more: its number may be another's. */
  get gone(): boolean {
    return this.has(FRAME.CLOSED) && this.has(FRAME.OUTPUT_EOF);
  }
  text(stream: "stdout" | "stderr" = "stdout"): string {
    return this.bytes(stream).toString("utf8");
  }
  bytes(stream: "stdout" | "stderr" = "stdout"): Buffer {
    return Buffer.concat(this.output[stream]);
  }
  has(type: number): boolean {
    return this.frames.some((frame) => frame.type === type);
  }
  payload(type: number): Buffer {
    const frame = this.frames.find((each) => each.type === type);
    if (!frame) throw new Error(`no frame of type ${type} on channel ${this.id}`);
    return Buffer.from(frame.payload);
  }

  /** Resolves when `condition` holds; it is asked after each frame of the link. */
  until(condition: () => boolean, what: string): Promise<void> {
    return this.#client.until(condition, `channel ${this.id}: ${what}`);
  }
  async started(): Promise<this> {
    await this.until(() => this.has(FRAME.SPAWNED), "SPAWNED");
    return this;
  }
  /** Waits for CLOSED; a number is the exit code, a text the signal's number. */
  async closed(): Promise<number | `signal ${number}`> {
    await this.until(() => this.has(FRAME.CLOSED), "CLOSED");
    return this.exitStatus();
  }
  exitStatus(): number | `signal ${number}` {
    const exit = this.payload(FRAME.EXIT);
    return exit[0] === EXIT.EXITED ? exit.readUInt32LE(4) : `signal ${exit.readUInt32LE(4)}`;
  }
  /** Waits for SPAWN_FAILED. */
  async failure(): Promise<{ stage: number; errno: number; text: string }> {
    await this.until(() => this.has(FRAME.SPAWN_FAILED), "SPAWN_FAILED");
    const payload = this.payload(FRAME.SPAWN_FAILED);
    return { stage: payload.readUInt16LE(0), errno: payload.readUInt16LE(2), text: payload.toString("utf8", 4) };
  }

  credit(stream: number, amount: number): void {
    this.#client.send(FRAME.CREDIT, this.id, encodeCredit(stream, amount));
  }
  signal(number: number, alone = false): void {
    this.#client.send(FRAME.SIGNAL, this.id, encodeSignal(number, alone ? TARGET.PROCESS : TARGET.GROUP));
  }
  send(type: number, payload: Uint8Array = NOTHING): void {
    this.#client.send(type, this.id, payload);
  }
  /** Writes to stdin within the window. */
  async write(data: Uint8Array | string): Promise<void> {
    const bytes = Buffer.from(data);
    for (let at = 0; at < bytes.length; ) {
      if (this.stdinCredit === 0) await this.until(() => this.stdinCredit > 0, "stdin credit");
      const size = Math.min(this.stdinCredit, MAX_PAYLOAD, bytes.length - at);
      this.stdinCredit -= size;
      this.send(FRAME.STDIN, bytes.subarray(at, at + size));
      at += size;
    }
  }
}

/** The host's end of the link to an agent that runs on this computer. */
export class AgentClient {
  readonly process: ChildProcess;
  /** Frames of channel 0. */
  readonly linkFrames: Frame[] = [];
  #stderr = "";
  readonly #link: Duplex;
  readonly #processes = new Map<number, AgentProcess>();
  readonly #waiting = new Set<() => void>();
  #nextChannel = 1;
  #nextPing = 0;
  #ended = false;

  constructor(program: string) {
    this.process = spawn(program, ["--link-fd", "3"], { stdio: ["ignore", "ignore", "pipe", "pipe"], detached: true });
    this.process.stderr?.on("data", (text) => {
      this.#stderr += text;
    });
    this.#link = this.process.stdio[3] as Duplex;
    const decoder = new FrameDecoder((frame) => this.#take({ ...frame, payload: frame.payload.slice() }));
    this.#link.on("data", (bytes: Buffer) => decoder.push(bytes));
    this.#link.on("error", () => undefined);
    this.process.on("exit", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** What it wrote on stderr, e.g. a sanitizer's report. */
  get stderr(): string {
    return this.#stderr;
  }

  #take(frame: Frame): void {
    if (frame.channel === 0) this.linkFrames.push(frame);
    else this.#processes.get(frame.channel)?.take(frame);
    this.#wake();
  }
  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }

  until(condition: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (condition()) resolve();
        else if (this.#ended) reject(new Error(`the agent ended while a test waited for ${what}: ${this.#stderr}`));
        else return;
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
      check();
    });
  }

  sendBytes(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#link.write(bytes, () => resolve()));
  }
  send(type: number, channel: number, payload: Uint8Array = NOTHING, flags = 0): void {
    this.#link.write(encodeFrame(type, channel, payload, flags));
  }

  /** Asks for a process; what it answers shows in the result. */
  spawn(argv: readonly string[], change: Partial<SpawnRequest> = {}): AgentProcess {
    const process = this.open();
    this.sendRequest(process.id, encodeSpawnRequest({ ...request, argv, ...change }));
    return process;
  }
  sh(script: string, change: Partial<SpawnRequest> = {}): AgentProcess {
    return this.spawn(["/bin/sh", "-c", script], change);
  }
  /** A channel for which nothing was sent yet. */
  open(): AgentProcess {
    const process = new AgentProcess(this, this.#nextChannel++);
    this.#processes.set(process.id, process);
    return process;
  }
  sendRequest(channel: number, bytes: Uint8Array): void {
    for (let at = 0; at === 0 || at < bytes.length; at += MAX_PAYLOAD) {
      const end = Math.min(at + MAX_PAYLOAD, bytes.length);
      this.send(FRAME.SPAWN, channel, bytes.subarray(at, end), end < bytes.length ? FLAG.MORE : 0);
    }
  }

  async ping(): Promise<void> {
    const nonce = Buffer.alloc(8);
    nonce.writeUInt32LE(++this.#nextPing);
    this.send(FRAME.PING, 0, nonce);
    await this.until(
      () => this.linkFrames.some((frame) => frame.type === FRAME.PONG && nonce.equals(frame.payload)),
      "PONG",
    );
  }
  /** ERROR frames of the link, or of a channel. */
  errors(process?: AgentProcess): { code: number; detail: number; text: string }[] {
    return (process?.frames ?? this.linkFrames)
      .filter((frame) => frame.type === FRAME.ERROR)
      .map(({ payload }) => Buffer.from(payload))
      .map((bytes) => ({
        code: bytes.readUInt16LE(0),
        detail: bytes.readUInt32LE(4),
        text: bytes.toString("utf8", 8),
      }));
  }

  /** Ends the agent and what it started. Resolves with its exit code when it ended by itself. */
  async close(): Promise<number | null> {
    for (const { pid, gone } of this.#processes.values()) {
      try {
        if (pid > 1 && !gone) process.kill(-pid, "SIGKILL");
      } catch {
        // It is gone.
      }
    }
    if (!this.#ended) {
      this.#link.destroy();
      await new Promise((resolve) => this.process.once("exit", resolve));
    }
    return this.process.exitCode;
  }
}
