import type { V86Instance } from "./v86-contract.ts";

/** As much as a guest's driver takes at once with ease; a terminal line in canonical mode holds 4095 bytes. */
const MOST_WAITING = 256;

/** The first serial port: the kernel's console. */
export class SerialConsole {
  readonly #emulator: V86Instance;
  readonly #waiting: Uint8Array[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `onText` gets the console's output as text, in pieces. */
  constructor(emulator: V86Instance, onText: (text: string) => void) {
    this.#emulator = emulator;
    const decoder = new TextDecoder();
    let bytes: number[] = [];
    // The port gives single bytes; they are handed on once per turn of the event loop.
    emulator.add_listener("serial0-output-byte", (byte: number) => {
      if (bytes.length === 0) {
        setTimeout(() => {
          const text = decoder.decode(Uint8Array.from(bytes), { stream: true });
          bytes = [];
          onText(text);
        }, 0);
      }
      bytes.push(byte);
    });
  }

  /** Bytes for the guest, at the pace at which it reads them. */
  send(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#waiting.push(bytes);
    this.#pump();
  }

  /** Bytes for the guest that it has not read yet. */
  get unread(): Uint8Array<ArrayBuffer> {
    const parts = [this.#emulator.v86.cpu.devices.uart0.input, ...this.#waiting];
    return Uint8Array.from(parts.flatMap((part) => [...part]));
  }

  #pump(): void {
    const { input } = this.#emulator.v86.cpu.devices.uart0;
    while (this.#waiting[0] && input.length < MOST_WAITING) {
      const part = this.#waiting[0].subarray(0, MOST_WAITING - input.length);
      const rest = this.#waiting[0].subarray(part.length);
      if (rest.length > 0) this.#waiting[0] = rest;
      else this.#waiting.shift();
      for (const byte of part) this.#emulator.bus.send("serial0-input", byte);
    }
    if (this.#waiting.length > 0 && this.#timer === null) {
      // WHY a timer: there is no event for "the guest read a byte".
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#pump();
      }, 4);
    }
  }
}
