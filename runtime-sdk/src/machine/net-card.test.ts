import { describe, expect, it } from "vitest";
import { CARD_HEADER, NetCard } from "./net-card.ts";
import type { BufferChain, V86Instance, VirtQueue } from "./v86-contract.ts";

/** A buffer of a guest that is played by the test. */
class Chain implements BufferChain {
  readonly length_readable: number;
  readonly length_writable: number;
  readonly bytes: number[] = [];
  readonly #content: Uint8Array;

  constructor(size: number, content = new Uint8Array(0)) {
    this.length_writable = size;
    this.length_readable = content.byteLength;
    this.#content = content;
  }
  get_next_blob(bytes: Uint8Array): number {
    bytes.set(this.#content.subarray(0, bytes.byteLength));
    return bytes.byteLength;
  }
  set_next_blob(bytes: Uint8Array): number {
    this.bytes.push(...bytes);
    return bytes.byteLength;
  }
}

class Queue implements VirtQueue {
  size_supported = 1024;
  avail_last_idx = 0;
  readonly chains: Chain[] = [];
  readonly returned: Chain[] = [];
  flushes = 0;
  isConfigured = true;
  set_size(): void {}
  is_configured(): boolean {
    return this.isConfigured;
  }
  count_requests(): number {
    return this.chains.length - this.avail_last_idx;
  }
  has_request(): boolean {
    return this.count_requests() > 0;
  }
  pop_request(): Chain {
    // As v86 does.
    this.has_request();
    return this.chains[this.avail_last_idx++] as Chain;
  }
  push_reply(chain: BufferChain): void {
    this.returned.push(chain as Chain);
  }
  flush_replies(): void {
    this.flushes++;
  }
}

function makeCard(merges = true) {
  const [receive, transmit] = [new Queue(), new Queue()];
  const virtio = {
    queues: [receive, transmit, new Queue()],
    device_feature: new Uint32Array(4),
    driver_feature: new Uint32Array(4),
    is_feature_negotiated: (bit: number) => (bit === 15 ? merges : true),
  };
  const emulator = { v86: { cpu: { devices: { virtio_net: { virtio } } } } } as unknown as V86Instance;
  const packets: Uint8Array[] = [];
  let batches = 0;
  const card = new NetCard(
    emulator,
    (packet) => packets.push(packet),
    () => {
      batches++;
    },
  );
  return { card, receive, transmit, virtio, packets, batches: () => batches };
}

describe("to the guest", () => {
  it("a packet takes as many buffers as it needs, and says how many", () => {
    const { card, receive } = makeCard();
    receive.chains.push(new Chain(20), new Chain(20), new Chain(20));
    const packet = Uint8Array.from({ length: 45 }, (_, i) => i);
    card.send(packet);
    expect(receive.returned.map(({ bytes }) => bytes.length)).toEqual([20, 20, 5]);
    expect(receive.returned.flatMap(({ bytes }) => bytes)).toEqual([...packet]);
    expect([...packet.subarray(10, 12)]).toEqual([3, 0]);
    expect(receive.flushes).toBe(1);
  });

  it("nothing is lost when there are too few: it waits, in order, and takes none of them meanwhile", async () => {
    const { card, receive } = makeCard();
    const room = new Promise<void>((resolve) => card.onRoom(resolve));
    receive.chains.push(new Chain(20));
    card.send(new Uint8Array(30).fill(1));
    card.send(new Uint8Array(15).fill(2));
    expect([receive.returned.length, receive.avail_last_idx, card.hasRoom()]).toEqual([0, 0, false]);
    receive.chains.push(new Chain(20), new Chain(20), new Chain(20));
    await room;
    expect(receive.returned.map(({ bytes }) => bytes.at(-1))).toEqual([1, 1, 2]);
    expect(card.hasRoom()).toBe(true);
    card.close();
  });

  it("without a driver nothing waits, and what waits is bounded", () => {
    const { card, receive } = makeCard();
    receive.isConfigured = false;
    card.send(new Uint8Array(30));
    receive.isConfigured = true;
    for (let i = 0; i < 2000; i++) card.send(new Uint8Array(30).fill(i));
    receive.chains.push(...Array.from({ length: 3000 }, () => new Chain(100)));
    card.send(new Uint8Array(30));
    card.hasRoom();
    card.close();
    expect(receive.returned.length).toBeLessThanOrEqual(1024);
  });

  it("what waits is bounded in bytes as well", () => {
    const { card, receive } = makeCard();
    for (let i = 0; i < 300; i++) card.send(new Uint8Array(65_000));
    receive.chains.push(...Array.from({ length: 300 }, () => new Chain(65_000)));
    card.send(new Uint8Array(30));
    expect(receive.returned.length).toBe(Math.floor((8 * 2 ** 20) / 65_000) + 1);
    card.close();
  });

  it("a guest that gives buffers without room does not keep us", () => {
    const { card, receive } = makeCard();
    receive.chains.push(...Array.from({ length: 200 }, () => new Chain(0)));
    card.send(new Uint8Array(100));
    expect(receive.returned.length).toBe(100);
  });
});

describe("from the guest", () => {
  it("packets come whole with their header, and the guest gets its buffers back", () => {
    const { transmit, packets, batches } = makeCard();
    transmit.chains.push(
      new Chain(
        0,
        Uint8Array.from({ length: 40 }, (_, i) => i),
      ),
      new Chain(0, new Uint8Array(13).fill(5)),
    );
    expect(transmit.has_request()).toBe(false);
    expect(packets.map((packet) => [packet.byteLength, packet[CARD_HEADER]])).toEqual([
      [40, 12],
      [13, 5],
    ]);
    expect([transmit.returned.length, batches()]).toEqual([2, 1]);
  });

  it("what is no packet, or longer than one can be, is left out", () => {
    const { transmit, packets } = makeCard();
    transmit.chains.push(new Chain(0, new Uint8Array(12)), new Chain(0, new Uint8Array(65562)));
    transmit.has_request();
    expect([packets.length, transmit.returned.length]).toEqual([0, 2]);
  });
});

it("offers checksums, segmentation and merged buffers, and smaller queues", () => {
  const { virtio } = makeCard();
  expect(virtio.device_feature[0]).toBe((1 << 0) | (1 << 1) | (1 << 7) | (1 << 11) | (1 << 15));
  expect(virtio.queues.map(({ size_supported }) => size_supported)).toEqual([256, 256, 1024]);
});
