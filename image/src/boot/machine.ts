import { fileURLToPath } from "node:url";
import { V86, type V86Options } from "v86";
import type { Bytes } from "../digest.ts";
import type { RecordingDisk } from "./disk.ts";

/** What v86's types leave out. */
interface Internals {
  readonly bus: { send(event: string, bytes: Uint8Array): void };
  readonly v86: {
    readonly cpu: {
      readonly devices: { readonly virtio_console: { SendEvent(port: number, event: number, value: number): void } };
    };
  };
}

const LINK_PORT = 1;
/** Control message "this port is a console". */
const CONSOLE_PORT_EVENT = 4;

export interface MachineFiles {
  readonly kernel: Bytes;
  readonly bios: Bytes;
  readonly vgaBios: Bytes;
  readonly disk: RecordingDisk;
  readonly cmdline: string;
  readonly memoryMb: number;
}

/** A bare v86 with a kernel console and the agent's port, to record and to measure boots with; people use the SDK. */
export class Machine {
  /** All that the kernel console has printed. */
  log = "";
  readonly #emulator: V86;
  readonly #onConsole = new Set<() => void>();
  readonly #onPort = new Set<(bytes: Uint8Array) => void>();

  constructor(files: MachineFiles) {
    const options = {
      wasm_path: fileURLToPath(new URL("v86.wasm", import.meta.resolve("v86"))),
      bios: { buffer: arrayBuffer(files.bios) },
      vga_bios: { buffer: arrayBuffer(files.vgaBios) },
      bzimage: { buffer: arrayBuffer(files.kernel) },
      hda: files.disk,
      cmdline: files.cmdline,
      memory_size: files.memoryMb * 2 ** 20,
      vga_memory_size: 2 ** 20,
      net_device: { type: "virtio" },
      virtio_console: true,
      disable_speaker: true,
      autostart: false,
      disable_keyboard: true,
      disable_mouse: true,
    };
    // WHY: v86's types know neither a disk object nor `virtio_console: true`.
    this.#emulator = new V86(options as unknown as V86Options);
    this.#emulator.add_listener("serial0-output-byte", (byte: number) => {
      this.log += String.fromCharCode(byte);
      for (const listener of this.#onConsole) listener();
    });
    this.#listen(`virtio-console${LINK_PORT}-output-bytes`, (bytes) => {
      for (const listener of this.#onPort) listener(bytes);
    });
    this.#emulator.add_listener("emulator-loaded", () => {
      // WHY: a port that is not a console is a plain device in the guest, as the agent wants it.
      const device = (this.#emulator as unknown as Internals).v86.cpu.devices.virtio_console;
      const sendEvent = device.SendEvent.bind(device);
      device.SendEvent = (port, event, value) => {
        if (port !== LINK_PORT || event !== CONSOLE_PORT_EVENT) sendEvent(port, event, value);
      };
      void this.#emulator.run();
    });
  }

  /** Instructions run so far; v86 counts in 32 bits. */
  get instructions(): number {
    return this.#emulator.get_instruction_counter() >>> 0;
  }

  /** Resolves when the console has printed a text that matches. */
  async console(pattern: RegExp, timeoutMs = 60_000): Promise<void> {
    await this.#until(this.#onConsole, () => pattern.test(this.log), `${pattern} on the console`, timeoutMs);
  }

  type(text: string): void {
    this.#emulator.serial0_send(text);
  }

  onPort(listener: (bytes: Uint8Array) => void): void {
    this.#onPort.add(listener);
  }

  sendPort(bytes: Uint8Array): void {
    (this.#emulator as unknown as Internals).bus.send(`virtio-console${LINK_PORT}-input-bytes`, bytes);
  }

  async close(): Promise<void> {
    await this.#emulator.destroy();
  }

  async #until(listeners: Set<() => void>, done: () => boolean, what: string, timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(new Error(`no ${what} within ${timeoutMs / 1000} s; the log ends with:\n${this.log.slice(-2000)}`)),
        timeoutMs,
      );
      const check = () => {
        if (!done()) return;
        clearTimeout(timer);
        listeners.delete(check);
        resolve();
      };
      listeners.add(check);
      check();
    });
  }

  #listen(event: string, listener: (bytes: Uint8Array) => void): void {
    (this.#emulator.add_listener as (event: string, listener: (bytes: Uint8Array) => void) => void).call(
      this.#emulator,
      event,
      listener,
    );
  }
}

// WHY: a copy. v86's kernel loader writes into the buffer it is given.
function arrayBuffer(bytes: Bytes): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
