import type { Gzip } from "../bytes/index.ts";
import type { ChunkCache, Transport } from "../disk/index.ts";
import { EmulatorCrashedError, serializeError } from "../errors/index.ts";
import type { CaptureMessage, FromWorker, ToWorker, Turns } from "../machine/index.ts";
import type { OpenSocket } from "../net/index.ts";
import { EarlyFiles } from "./early-files.ts";
import { MachineSetup } from "./machine-setup.ts";
import { type Running, startMachine } from "./start-machine.ts";

/** The thread's end of the channel to the session. */
export interface SessionPort {
  post(message: FromWorker, transfer?: ArrayBufferLike[]): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

/** What differs between a browser's worker and Node's. */
export interface WorkerPlatform {
  readonly transport: Transport;
  readonly cache: ChunkCache | null;
  /** Gets v86.wasm. A Response lets it be compiled while it arrives; a module is compiled already. */
  fetchWasm(url: string, signal: AbortSignal): Promise<Response | Uint8Array<ArrayBuffer> | WebAssembly.Module>;
  /** Packs what is saved while the machine runs: must not hold its thread for long. */
  readonly gzip: Gzip;
  /** For one machine; `null`: v86 has a good way of its own. */
  readonly turns: (() => Turns) | null;
  /** Opens a WebSocket to a relay. */
  readonly openSocket: OpenSocket;
}

/** Runs one machine in this thread: waits for `start`, boots, then carries bytes until the thread is ended. */
export function runMachine(port: SessionPort, given: WorkerPlatform): void {
  const early = new EarlyFiles();
  const platform: WorkerPlatform = {
    ...given,
    transport: early.before(given.transport),
    fetchWasm: async (url, signal) => (await early.wasm(url)) ?? given.fetchWasm(url, signal),
  };
  let machine: Running | null = null;
  let setup: MachineSetup | null = null;
  /** What came for a machine that is still being started. */
  let waiting: ToWorker[] | null = null;
  const receive = (message: ToWorker) => {
    if (waiting && isForMachine(message)) {
      waiting.push(message);
      return;
    }
    switch (message.type) {
      case "early":
        early.receive(message);
        return;
      case "early-wasm":
        early.receiveWasm(message);
        return;
      case "prepare":
        // The page has told already, and then the session does.
        if (setup?.isFor(message)) return;
        setup = new MachineSetup(port, platform, message);
        setup.prepare(message.restores);
        return;
      case "start":
        waiting = [];
        startMachine(port, setup?.isFor(message) ? setup : new MachineSetup(port, platform, message), message).then(
          (started) => {
            machine = started;
            setup = null;
            early.clear();
            // WHY: what the session has to tell a restored guest must be there before it runs.
            if (machine.restored) port.post({ type: "restored" });
            else machine.emulator.run();
            const held = waiting ?? [];
            waiting = null;
            for (const each of held) receive(each);
          },
          (error) => port.post({ type: "failed", error: serializeError(error) }),
        );
        return;
      case "link":
        machine?.emulator.sendLink(message.bytes);
        return;
      case "console":
        machine?.emulator.sendConsole(message.bytes);
        return;
      case "pause":
        if (message.paused) machine?.emulator.stop();
        else machine?.emulator.run();
        port.post({ type: "paused", paused: message.paused });
        return;
      case "take-disk":
        takeDisk(port, machine);
        return;
      case "capture":
        void capture(port, platform, machine, message);
        return;
      case "network":
        machine?.gateway.receive(message.message);
        return;
      case "settle":
        machine?.state.settle(message.stored);
        return;
      case "ping":
        port.post({
          type: "pong",
          beat: message.beat,
          figures: {
            instructions: machine?.emulator.instructions ?? 0,
            ownBlocks: machine?.disk?.ownBlocks ?? 0,
            busyMs: machine?.emulator.busyMs ?? 0,
            takenAtMs: performance.now(),
          },
        });
        return;
    }
  };
  port.onMessage(receive);
}

/** It waits for a machine that is being started. */
function isForMachine({ type }: ToWorker): boolean {
  return type === "link" || type === "pause" || type === "console" || type === "network";
}

function takeDisk(port: SessionPort, machine: Running | null): void {
  machine?.emulator.stop();
  try {
    const blocks = machine?.disk?.take() ?? { numbers: new Uint32Array(0), bytes: new Uint8Array(0) };
    port.post({ type: "disk", blocks }, [blocks.numbers.buffer, blocks.bytes.buffer]);
  } catch (error) {
    port.post({ type: "failed", error: serializeError(error) });
  }
}

async function capture(
  port: SessionPort,
  { gzip }: WorkerPlatform,
  machine: Running | null,
  message: CaptureMessage,
): Promise<void> {
  const { id, whole, timeoutMs } = message;
  try {
    if (!machine) throw new EmulatorCrashedError("there is no machine to capture yet");
    const { emulator, disk, state } = machine;
    const capture = await (whole
      ? state.copy(emulator, disk, timeoutMs)
      : state.commit(emulator, disk, timeoutMs, gzip));
    const records = [capture.devices, ...capture.memory, ...capture.disk];
    port.post(
      { type: "captured", id, capture },
      records.map(({ bytes }) => bytes.buffer),
    );
  } catch (error) {
    if (!whole) machine?.state.settle(false);
    port.post({ type: "capture-failed", id, error: serializeError(error) });
  }
}
