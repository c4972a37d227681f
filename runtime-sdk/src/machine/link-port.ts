import { receiveQueue, transmitQueue, type V86Instance, VIRTIO_CONSOLE_PORT_EVENT } from "./v86-contract.ts";

/** One page: what one receive buffer of the guest's driver holds. */
const PAGE = 4096;
/** Receive and transmit buffers offered to the guest, instead of v86's 16 and 8. */
const QUEUE_SIZE = 128;

/**
 * The host's side of the virtio port that carries the guest link. v86 drops input for which the guest has no free buffer,
 * so bytes wait here until there is one.
 */
export class LinkPort {
  readonly #emulator: V86Instance;
  readonly #port: number;
  readonly #waiting: Uint8Array[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** Call when v86's devices exist and the guest has not started. `onBytes` gets an array of its own. */
  constructor(emulator: V86Instance, port: number, onBytes: (bytes: Uint8Array) => void) {
    this.#emulator = emulator;
    this.#port = port;
    const console = emulator.v86.cpu.devices.virtio_console;
    for (const number of [receiveQueue(port), transmitQueue(port)]) {
      const queue = console.virtio.queues[number];
      if (!queue) throw new Error(`v86's virtio console has no queue ${number}`);
      queue.size_supported = QUEUE_SIZE;
      queue.set_size(QUEUE_SIZE);
    }
    const sendEvent = console.SendEvent.bind(console);
    console.SendEvent = (number, event, value) => {
      if (number !== port || event !== VIRTIO_CONSOLE_PORT_EVENT) sendEvent(number, event, value);
    };
    emulator.add_listener(`virtio-console${port}-output-bytes`, (bytes: Uint8Array) => {
      onBytes(bytes);
      // The guest runs: it may have given buffers back.
      if (this.#waiting.length > 0) this.#pump();
    });
  }

  /** Bytes for the guest, in order. They are kept until the guest has room. */
  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PAGE) this.#waiting.push(bytes.subarray(at, at + PAGE));
    this.#pump();
  }

  /** Stops trying. What waits is lost with the machine. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #pump(): void {
    const queue = this.#emulator.v86.cpu.devices.virtio_console.virtio.queues[receiveQueue(this.#port)];
    let sent = 0;
    if (queue?.is_configured()) {
      // WHY counted anew each time: v86 sends at once, and with no free buffer it would drop the page without a word.
      while (sent < this.#waiting.length && queue.count_requests() > 0) {
        this.#emulator.bus.send(`virtio-console${this.#port}-input-bytes`, this.#waiting[sent++]);
      }
    }
    this.#waiting.splice(0, sent);
    if (this.#waiting.length > 0 && this.#timer === null) {
      // WHY a timer: there is no event for "the guest gave buffers back". Timers run between slices of the emulated CPU.
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#pump();
      }, 1);
    }
  }
}
