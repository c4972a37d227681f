/** A machine under a soak, in either runtime. */
export interface SoakMachine {
  /** Starts a shell script that goes on for ever; its output is thrown away. */
  start(script: string): Promise<void>;
  /** Starts a shell script that goes on for ever on a terminal that is shown. */
  startOnTerminal(script: string): Promise<void>;
  /** Runs a command and gives its stdout. */
  exec(command: string, timeoutMs: number): Promise<string>;
  /** What a person's terminal answers to a typed line; rejects when nothing comes in time. */
  type(line: string, answer: string, timeoutMs: number): Promise<void>;
  /** Bytes of memory that the runtime holds: of the page's process with its workers, or of Node's. */
  memory(): Promise<number>;
  /** Bytes that the machine has written to its disk; they are in that memory. */
  diskBytes(): Promise<number>;
  close(): Promise<void>;
}
