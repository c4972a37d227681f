import type { V86Instance, VirtQueue } from "./v86-contract.ts";

/** Bytes of virtio's own header, which stands before each Ethernet frame in both directions (virtio 1.1, 5.1.6). */
export const CARD_HEADER = 12;
const NUM_BUFFERS_AT = 10;
/** The largest frame: an IPv4 packet of 65535 bytes behind an Ethernet header. */
const MAX_PACKET = CARD_HEADER + 14 + 65535;

const RECEIVE = 0;
const TRANSMIT = 1;
/** Buffers offered to the guest in each direction, instead of v86's 1024: what it puts there is part of every saved state. */
const QUEUE_SIZE = 256;

/** Features offered besides v86's: the guest leaves checksums and the cutting of TCP's segments to us, in both directions. */
const FEATURES = { CSUM: 0, GUEST_CSUM: 1, GUEST_TSO4: 7, HOST_TSO4: 11, MRG_RXBUF: 15 } as const;

/** Packets, and bytes of them, that wait for buffers of the guest; more are dropped, as a network does. */
const MAX_WAITING = 1024;
const MAX_WAITING_BYTES = 8 * 2 ** 20;

/** Between two looks for buffers; doubled while there are none. */
const SHORTEST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 16;

/** What the guest's driver has agreed to. */
export interface CardOffload {
  /** Checksums of TCP and UDP may be left out on the way to the guest. */
  readonly checksum: boolean;
  /** Packets to the guest may have more than one segment. */
  readonly segmentation: boolean;
}

/**
 * The host's side of the emulated network card. v86 drops a frame for which the guest has no free buffer and hands over one buffer a frame: so the
 * queues are served here, with as many buffers as a packet needs. A packet is virtio's header and an Ethernet frame.
 */
export class NetCard {
  readonly #emulator: V86Instance;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #onRoom: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | null = null;
  #pauseMs = SHORTEST_PAUSE_MS;

  /**
   * Call when v86's devices exist and the guest has not started.
   * @param onPacket Gets an array of its own.
   * @param onBatch The guest has sent all that it had.
   */
  constructor(emulator: V86Instance, onPacket: (packet: Uint8Array<ArrayBuffer>) => void, onBatch: () => void) {
    this.#emulator = emulator;
    const { virtio } = emulator.v86.cpu.devices.virtio_net;
    for (const bit of Object.values(FEATURES)) {
      virtio.device_feature[0] = (virtio.device_feature[0] ?? 0) | (1 << bit);
      virtio.driver_feature[0] = (virtio.driver_feature[0] ?? 0) | (1 << bit);
    }
    for (const number of [RECEIVE, TRANSMIT]) {
      const queue = this.#queue(number);
      queue.size_supported = QUEUE_SIZE;
      queue.set_size(QUEUE_SIZE);
    }
    const transmit = this.#queue(TRANSMIT);
    const hasRequest = transmit.has_request.bind(transmit);
    let isServing = false;
    // WHY here: v86 asks this when the guest has told it of packets, and would cut virtio's header off them.
    transmit.has_request = () => {
      // Taking a buffer asks it, too.
      if (isServing) return hasRequest();
      isServing = true;
      while (hasRequest()) {
        const chain = transmit.pop_request();
        const size = chain.length_readable;
        if (size > CARD_HEADER && size <= MAX_PACKET) {
          const packet = new Uint8Array(size);
          chain.get_next_blob(packet);
          onPacket(packet);
        }
        transmit.push_reply(chain);
      }
      this.#pump();
      onBatch();
      isServing = false;
      return false;
    };
  }

  /** Called when a packet can be sent at once after `hasRoom` was false. */
  onRoom(listener: () => void): void {
    this.#onRoom = listener;
  }

  get offload(): CardOffload {
    const { virtio } = this.#emulator.v86.cpu.devices.virtio_net;
    const has = (bit: number) => Boolean(virtio.is_feature_negotiated(bit));
    return {
      checksum: has(FEATURES.GUEST_CSUM),
      segmentation: has(FEATURES.GUEST_TSO4) && has(FEATURES.MRG_RXBUF),
    };
  }

  /** Whether a packet goes to the guest at once. When it is false, `onRoom` is called later. */
  hasRoom(): boolean {
    if (this.#waiting.length === 0 && this.#free() > 0) return true;
    this.#tryLater();
    return false;
  }

  /** Sends a packet, which is not to be changed any more. It waits, in order, while the guest has no buffers. */
  send(packet: Uint8Array): void {
    // Without a driver there is nobody to wait for.
    const isFull = this.#waiting.length >= MAX_WAITING || this.#waitingBytes + packet.byteLength > MAX_WAITING_BYTES;
    if (isFull || !this.#queue(RECEIVE).is_configured()) return;
    this.#waiting.push(packet);
    this.#waitingBytes += packet.byteLength;
    this.#pump();
  }

  /** Packets that wait are lost. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }

  #queue(number: number): VirtQueue {
    const queue = this.#emulator.v86.cpu.devices.virtio_net.virtio.queues[number];
    if (!queue) throw new Error(`v86's virtio network card has no queue ${number}`);
    return queue;
  }

  #free(): number {
    const queue = this.#queue(RECEIVE);
    return queue.is_configured() ? queue.count_requests() : 0;
  }

  #pump(): void {
    let sent = 0;
    for (const packet of this.#waiting) {
      if (!this.#put(packet)) break;
      this.#waitingBytes -= packet.byteLength;
      sent++;
    }
    if (sent > 0) {
      this.#waiting.splice(0, sent);
      this.#queue(RECEIVE).flush_replies();
    }
    if (this.#waiting.length > 0) this.#tryLater();
  }

  /** Writes a packet into as many of the guest's buffers as it takes; false: there are not enough. */
  #put(packet: Uint8Array): boolean {
    const queue = this.#queue(RECEIVE);
    if (!queue.is_configured()) return false;
    const merges = Boolean(this.#emulator.v86.cpu.devices.virtio_net.virtio.is_feature_negotiated(FEATURES.MRG_RXBUF));
    const chains = [];
    let left = packet.byteLength;
    const undo = queue.avail_last_idx;
    while (left > 0 && (merges || chains.length === 0)) {
      if (queue.count_requests() === 0) {
        queue.avail_last_idx = undo;
        return false;
      }
      const chain = queue.pop_request();
      chains.push(chain);
      // WHY 1: a guest that gives buffers of no size must not keep us here.
      left -= Math.max(chain.length_writable, 1);
    }
    packet[NUM_BUFFERS_AT] = chains.length & 0xff;
    packet[NUM_BUFFERS_AT + 1] = chains.length >> 8;
    let at = 0;
    for (const chain of chains) {
      const size = Math.min(chain.length_writable, packet.byteLength - at);
      chain.set_next_blob(packet.subarray(at, at + size));
      at += size;
      queue.push_reply(chain);
    }
    return true;
  }

  #tryLater(): void {
    // WHY a timer besides the guest's own packets: a guest that only receives may send none. Timers run between slices of the emulated CPU.
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#pump();
      if (this.#waiting.length === 0 && this.#free() > 0) {
        this.#pauseMs = SHORTEST_PAUSE_MS;
        this.#onRoom();
      } else {
        this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
        this.#tryLater();
      }
    }, this.#pauseMs);
  }
}
