/** Plain v86 as its own examples use it: files by address, commands and answers over the serial console. */

/** What it is made of; addresses in a page, paths in Node. */
export interface PlainMachineConfig {
  readonly module: string;
  readonly wasm: string;
  readonly bios: string;
  readonly vgaBios: string;
  readonly kernel: string;
  readonly disk: string;
  readonly diskSize: number;
  readonly memoryMb: number;
  readonly cmdline: string;
}

/** What the benchmarks use of v86; its own types leave half of it out. */
export interface PlainV86 {
  readonly bus: { send(event: string, value: unknown): void };
  readonly v86: {
    /** Runs the CPU for about a millisecond. */
    do_tick(): void;
    readonly cpu: {
      readonly devices: { readonly virtio_console: { readonly virtio: { readonly queues: readonly PlainQueue[] } } };
    };
  };
  add_listener(event: string, listener: (value: never) => void): void;
  serial0_send(text: string): void;
  /** Everything that there is of the machine: memory, devices, blocks of the disk that were written. */
  save_state(): Promise<ArrayBuffer>;
}

export interface PlainQueue {
  is_configured(): boolean | number;
  count_requests(): number;
}

type PlainV86Module = { readonly V86: new (settings: object) => PlainV86 };

const MIB = 2 ** 20;

export class PlainMachine {
  readonly v86: PlainV86;
  #line = "";
  #pattern: RegExp | null = null;
  #found: (match: RegExpExecArray) => void = () => {};

  /** Starts the machine; it boots meanwhile. */
  static async start(config: PlainMachineConfig, settings: object = {}): Promise<PlainMachine> {
    const { V86 } = (await import(config.module)) as PlainV86Module;
    return new PlainMachine(
      new V86({
        wasm_path: config.wasm,
        memory_size: config.memoryMb * MIB,
        vga_memory_size: 2 * MIB,
        bios: { url: config.bios },
        vga_bios: { url: config.vgaBios },
        bzimage: { url: config.kernel },
        hda: { url: config.disk, async: true, size: config.diskSize },
        cmdline: config.cmdline,
        autostart: true,
        ...settings,
      }),
    );
  }

  /** Goes on from a state of `save_state`; resolves when the machine runs. */
  static async restore(config: PlainMachineConfig, buffer: ArrayBuffer): Promise<PlainMachine> {
    const machine = await PlainMachine.start(config, { initial_state: { buffer }, bzimage: undefined });
    await new Promise<void>((resolve) => machine.v86.add_listener("emulator-started", () => resolve()));
    return machine;
  }

  private constructor(v86: PlainV86) {
    this.v86 = v86;
    v86.add_listener("serial0-output-byte", (byte: number) => this.#receive(String.fromCharCode(byte)));
  }

  /** Waits for bash's prompt. */
  async prompt(): Promise<void> {
    await this.line(/(?:bash-[\d.]+|root@.*)# $/);
  }

  /** Types a line and waits for a line of output; what bash puts before it begins with an escape and ends with CR. */
  run(command: string, answer: RegExp): Promise<RegExpExecArray> {
    const found = this.line(answer);
    this.v86.serial0_send(`${command}\n`);
    return found;
  }

  /** Waits for a line of the console, which need not have ended. One wait at a time. */
  line(pattern: RegExp): Promise<RegExpExecArray> {
    this.#pattern = pattern;
    return new Promise((resolve) => {
      this.#found = resolve;
    });
  }

  #receive(character: string): void {
    this.#line = character === "\n" ? "" : this.#line + character;
    const match = this.#pattern?.exec(this.#line);
    if (!match) return;
    this.#pattern = null;
    this.#found(match);
  }
}

/** The first command of the boot benchmark and its answer at the begin of a line. */
export const FIRST_COMMAND = "echo $((6*7))";
export const FIRST_ANSWER = /(?:^|\r)42\r/;
