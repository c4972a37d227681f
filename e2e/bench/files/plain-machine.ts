/** The files benchmark's baseline: plain v86 in a thread, with bytes through its bare virtio console port 0 in raw mode. */
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { PlainMachine, type PlainMachineConfig, type PlainQueue } from "../plain/machine.ts";

type Request =
  | { readonly do: "boot"; readonly config: PlainMachineConfig }
  | { readonly do: "in"; readonly bytes: Uint8Array }
  | { readonly do: "out"; readonly size: number };

/** What a transfer took; of one into the guest also the SHA-256 of what is there now. */
export interface PlainTransfer {
  readonly ms: number;
  readonly hash: string;
}

/** What one receive buffer of the guest takes. */
const PAGE = 4096;
const FILE = "/tmp/bench/file";

/** A plain machine in a thread of its own. */
export class PlainThread {
  readonly #worker = new Worker(new URL(import.meta.url));

  static async boot(config: PlainMachineConfig): Promise<PlainThread> {
    const thread = new PlainThread();
    await thread.#ask({ do: "boot", config });
    return thread;
  }

  /** Writes the bytes to a file in the guest's memory, which `head` reads from the device. */
  write(bytes: Uint8Array): Promise<PlainTransfer> {
    return this.#ask({ do: "in", bytes });
  }

  /** Reads that file again, which `cat` writes to the device. */
  read(size: number): Promise<PlainTransfer> {
    return this.#ask({ do: "out", size });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(request: Request): Promise<PlainTransfer> {
    return new Promise((resolve, reject) => {
      this.#worker.once("error", reject);
      this.#worker.once("message", (transfer: PlainTransfer) => {
        this.#worker.off("error", reject);
        resolve(transfer);
      });
      this.#worker.postMessage(request);
    });
  }
}

async function boot(config: PlainMachineConfig): Promise<PlainMachine> {
  const machine = await PlainMachine.start(config, { virtio_console: true });
  await machine.prompt();
  const command = "mkdir -p /tmp/bench; mount -t tmpfs none /tmp/bench; exec 3<>/dev/hvc0; stty raw -echo <&3";
  await machine.run(`${command}; echo made-$((40+2))`, /made-42/);
  return machine;
}

/** Ms until the guest has all bytes in its file. */
async function into(machine: PlainMachine, bytes: Uint8Array): Promise<number> {
  const { v86 } = machine;
  const started = performance.now();
  const answer = machine.run(`head -c ${bytes.length} <&3 > ${FILE}; echo got-$((40+2))`, /got-42/);
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
  await answer;
  const ms = performance.now() - started;
  v86.v86.do_tick = tick;
  return ms;
}

/** Ms until the host has all bytes, in its hands. */
async function out({ v86 }: PlainMachine, size: number): Promise<number> {
  const bytes = new Uint8Array(size);
  let at = 0;
  const started = performance.now();
  await new Promise<void>((resolve) => {
    v86.add_listener("virtio-console0-output-bytes", (piece: Uint8Array) => {
      if (at < size) bytes.set(piece.subarray(0, size - at), at);
      at += piece.length;
      if (at === size) resolve();
    });
    v86.serial0_send(`cat ${FILE} >&3\n`);
  });
  return performance.now() - started;
}

if (!isMainThread) {
  let machine: PlainMachine | undefined;
  parentPort?.on("message", async (request: Request) => {
    if (request.do === "boot") machine = await boot(request.config);
    if (!machine) throw new Error("boot first");
    let ms = 0;
    let hash = "";
    if (request.do === "in") {
      ms = await into(machine, request.bytes);
      [, hash = ""] = await machine.run(`sha256sum ${FILE}`, /([0-9a-f]{64}) {2}/);
    }
    if (request.do === "out") ms = await out(machine, request.size);
    parentPort?.postMessage({ ms, hash } satisfies PlainTransfer);
  });
}
