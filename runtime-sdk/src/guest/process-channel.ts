import { LinkBrokenError, ProcessEndedError, SpawnError } from "../errors/index.ts";
import { deferred } from "./deferred.ts";
import type { Frame } from "./frame-codec.ts";
import { OutputStream } from "./output-stream.ts";
import { encodeResize, encodeSignal, PayloadReader } from "./payload.ts";
import { signalName } from "./signals.ts";
import { StdinStream } from "./stdin-stream.ts";
import { EXIT, FRAME, STAGE, STREAM } from "./wire.gen.ts";

/** How a process ended: one of the two is `null`. */
export interface ExitStatus {
  /** 0–255, or `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** E.g. `"SIGKILL"`, or `null` when it exited. */
  readonly signal: string | null;
}

/** Sends a payload of a channel, in as many frames as it takes. */
export type SendFrame = (type: number, payload: Uint8Array) => void;

const NOTHING = new Uint8Array(0);
const STAGES = new Map(Object.entries(STAGE).map(([name, value]) => [value as number, name.toLowerCase()]));

type State = "starting" | "running" | "exited" | "closed";

/** The host's end of one process in the guest: turns its frames into streams and promises. */
export class ProcessChannel {
  readonly stdin: StdinStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly #send: SendFrame;
  readonly #onClosed: () => void;
  readonly #started = deferred<number>();
  readonly #exit = deferred<ExitStatus>();
  /** The first of its output has come, or its end. */
  readonly #spoken = deferred<void>();
  #sizeAfterwards: { readonly cols: number; readonly rows: number } | null = null;
  #state: State = "starting";

  constructor(send: SendFrame, windows: { readonly stdout: number; readonly stderr: number }, onClosed: () => void) {
    this.#send = send;
    this.#onClosed = onClosed;
    this.stdin = new StdinStream(send);
    this.stdout = new OutputStream(send, STREAM.STDOUT, windows.stdout);
    this.stderr = new OutputStream(send, STREAM.STDERR, windows.stderr);
  }

  /** Resolves with the guest's pid; rejects with SpawnError. */
  get started(): Promise<number> {
    return this.#started.promise;
  }

  /** Resolves after the last byte that the process itself wrote has been handed to the streams. */
  get exit(): Promise<ExitStatus> {
    return this.#exit.promise;
  }

  signal(number: number, target: number): void {
    if (this.#state === "starting" || this.#state === "running") this.#send(FRAME.SIGNAL, encodeSignal(number, target));
  }

  resize(cols: number, rows: number): void {
    if (this.#sizeAfterwards) this.#sizeAfterwards = { cols, rows };
    else if (this.#state === "starting" || this.#state === "running")
      this.#send(FRAME.RESIZE, encodeResize(cols, rows));
  }

  /**
   * Gives the program this size when it has drawn for the one it has, or has not done so in time. Input waits until then.
   * WHY: a shell that draws its line anew just as Enter ends it has the command write over it.
   */
  resizeWhenDrawn(cols: number, rows: number, timeoutMs: number): void {
    this.#sizeAfterwards = { cols, rows };
    this.stdin.hold();
    const late = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs));
    void Promise.race([this.#spoken.promise, late]).then(() => {
      const size = this.#sizeAfterwards;
      this.#sizeAfterwards = null;
      if (size) this.resize(size.cols, size.rows);
      this.stdin.release();
    });
  }

  /** Gives up input and output; the process goes on. */
  detach(): void {
    if (this.#state === "closed") return;
    this.#send(FRAME.DETACH, NOTHING);
    this.stdin.fail(new ProcessEndedError());
    this.stdout.end();
    this.stderr.end();
  }

  /** The process runs already: it was started by a host that is gone. */
  adopt(pid: number, stdinCredit: number): void {
    this.#state = "running";
    this.stdin.grant(stdinCredit);
    this.#started.resolve(pid);
  }

  /** Takes one frame from the guest. */
  receive(frame: Frame): void {
    const reader = new PayloadReader(frame.payload, `frame of type ${frame.type}`);
    switch (frame.type) {
      case FRAME.SPAWNED: {
        const pid = reader.u32();
        this.#state = "running";
        this.stdin.grant(reader.u32());
        this.#started.resolve(pid);
        return;
      }
      case FRAME.SPAWN_FAILED: {
        const stage = STAGES.get(reader.u16()) ?? "request";
        const errno = reader.u16();
        this.fail(new SpawnError(stage as SpawnError["stage"], errno, reader.text()));
        this.#onClosed();
        return;
      }
      case FRAME.STDOUT:
        this.#spoken.resolve();
        this.stdout.push(frame.payload);
        return;
      case FRAME.STDERR:
        this.stderr.push(frame.payload);
        return;
      case FRAME.STDIN_CREDIT:
        this.stdin.grant(reader.u32());
        return;
      case FRAME.OUTPUT_EOF:
        (reader.u8() === STREAM.STDOUT ? this.stdout : this.stderr).end();
        return;
      case FRAME.EXIT: {
        const kind = reader.u8();
        reader.u8();
        reader.u16();
        const value = reader.u32();
        this.#state = "exited";
        this.stdin.fail(new ProcessEndedError());
        this.#exit.resolve(
          kind === EXIT.EXITED ? { exitCode: value, signal: null } : { exitCode: null, signal: signalName(value) },
        );
        return;
      }
      case FRAME.CLOSED:
        this.#state = "closed";
        this.#spoken.resolve();
        this.stdout.end();
        this.stderr.end();
        this.#onClosed();
        return;
      case FRAME.ERROR: {
        const code = reader.u16();
        reader.u16();
        reader.u32();
        this.stdin.fail(new LinkBrokenError(`the agent refused a frame (code ${code}): ${reader.text()}`));
        return;
      }
    }
  }

  /** Ends everything with `error`: the process could not start, or the machine is gone. */
  fail(error: Error): void {
    this.#state = "closed";
    this.#spoken.resolve();
    this.#started.reject(error);
    this.#exit.reject(error);
    this.stdin.fail(error);
    this.stdout.fail(error);
    this.stderr.fail(error);
  }
}
