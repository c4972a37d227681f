import { type ExitStatus, type ProcessChannel, SIGNALS, type SignalName, TARGET } from "../guest/index.ts";
import { checkSize, signalNumber } from "./options.ts";

/** A process in the guest. */
export class GuestProcess {
  /** Process id in the guest. */
  readonly pid: number;
  readonly #channel: ProcessChannel;

  /** @internal */
  constructor(pid: number, channel: ProcessChannel) {
    this.pid = pid;
    this.#channel = channel;
  }

  /** Bytes for the process; closing it is end of file (on a terminal: the EOF character). Writes wait while the process does not read. */
  get stdin(): WritableStream<Uint8Array> {
    return this.#channel.stdin.writable;
  }

  /** What the process writes to its stdout; on a terminal everything it shows. A reader that stops holds the process up; cancel it to let it run on. */
  get stdout(): ReadableStream<Uint8Array> {
    return this.#channel.stdout.readable;
  }

  /** What the process writes to its stderr; on a terminal nothing. */
  get stderr(): ReadableStream<Uint8Array> {
    return this.#channel.stderr.readable;
  }

  /** How the process ended. Its own output has been handed to the streams by then, which may stay open for its children. */
  get exit(): Promise<ExitStatus> {
    return this.#channel.exit;
  }

  /**
   * Gives up the streams: stdout and stderr end after what has arrived, stdin takes no more. The process goes on, and so do
   * its children; what they still write is thrown away in the guest.
   */
  detach(): void {
    this.#channel.detach();
  }

  /**
   * Sends a signal to the process group; on a terminal to the foreground group as well. Does nothing when the process has ended.
   * @param signal Name of a Linux signal. Default SIGTERM.
   * @throws InvalidOptionError for an unknown name.
   */
  kill(signal: SignalName = "SIGTERM"): void {
    this.#channel.signal(signalNumber(signal), TARGET.GROUP);
  }

  /**
   * Sets the size of the process's terminal and sends it SIGWINCH. Without a terminal nothing happens.
   * @throws InvalidOptionError for sizes outside 1 to 65535.
   */
  resize(cols: number, rows: number): void {
    checkSize({ cols, rows });
    this.#channel.resize(cols, rows);
  }
}

/** Kills the process's group when the signal fires before it ends. */
export function killOnAbort(channel: ProcessChannel, signal: AbortSignal): void {
  const kill = () => channel.signal(SIGNALS.SIGKILL, TARGET.GROUP);
  signal.addEventListener("abort", kill, { once: true });
  const forget = () => signal.removeEventListener("abort", kill);
  channel.exit.then(forget, forget);
}
