/** The console benchmark's baseline: plain v86 in a worker, with bytes through its bare virtio console port 0. */
import { PlainMachine, type PlainMachineConfig, type PlainQueue } from "../plain/machine.ts";
import { GUEST_FILE, LINES, MAKE_GUEST_FILE, SIZE } from "./data.ts";
import type { Transfer } from "./random-bytes.ts";

export type PlainRequest =
  | { readonly do: "boot"; readonly config: PlainMachineConfig }
  | { readonly do: "out" }
  | { readonly do: "in"; readonly bytes: Uint8Array<ArrayBuffer> };

/** What one receive buffer of the guest takes. */
const PAGE = 4096;
let machine: PlainMachine | undefined;

globalThis.onmessage = async ({ data }: MessageEvent<PlainRequest>) => {
  if (data.do === "boot") machine = await boot(data.config);
  if (!machine) throw new Error("boot first");
  // Lines end with CR and LF on their way out, as in our terminal; bytes go in as they are.
  await machine.run(`stty ${data.do === "in" ? "raw -echo" : "sane"} <&3; echo set-$((40+2))`, /set-42/);
  const started = performance.now();
  let hash = "";
  if (data.do === "out") await out(machine);
  if (data.do === "in") hash = await into(machine, data.bytes);
  postMessage({ ms: performance.now() - started, hash } satisfies Transfer);
};

async function boot(config: PlainMachineConfig): Promise<PlainMachine> {
  const machine = await PlainMachine.start(config, { virtio_console: true });
  await machine.prompt();
  // The port stays open.
  await machine.run(`${MAKE_GUEST_FILE}; exec 3<>/dev/hvc0; echo made-$((40+2))`, /made-42/);
  return machine;
}

/** Resolves when the host has got all bytes. */
async function out({ v86 }: PlainMachine): Promise<void> {
  let left = SIZE + LINES;
  await new Promise<void>((resolve) => {
    v86.add_listener("virtio-console0-output-bytes", (bytes: Uint8Array) => {
      left -= bytes.length;
      if (left === 0) resolve();
    });
    v86.serial0_send(`cat ${GUEST_FILE} >&3\n`);
  });
}

/** Resolves with the hash when the guest has taken and hashed all bytes. */
async function into(machine: PlainMachine, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const { v86 } = machine;
  const answer = machine.run(`head -c ${bytes.length} <&3 | sha256sum`, /([0-9a-f]{64}) {2}-/);
  const queue = v86.v86.cpu.devices.virtio_console.virtio.queues[0] as PlainQueue;
  const tick = v86.v86.do_tick;
  let at = 0;
  // WHY here: as often as the guest can have given buffers back, and without taking time from the emulated CPU.
  v86.v86.do_tick = () => {
    while (at < bytes.length && queue.count_requests() > 0) {
      v86.bus.send("virtio-console0-input-bytes", bytes.subarray(at, at + PAGE));
      at += PAGE;
    }
    tick.call(v86.v86);
  };
  const [, hash = ""] = await answer;
  v86.v86.do_tick = tick;
  return hash;
}
