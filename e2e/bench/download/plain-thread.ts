/** The baseline: plain v86 in a thread, with its own network adapter for WISP relays. */
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { WebSocket } from "ws";
import { PlainMachine, type PlainMachineConfig } from "../plain/machine.ts";

type Request =
  | { readonly do: "boot"; readonly config: PlainMachineConfig; readonly relay: string; readonly mtu: number }
  | { readonly do: "run"; readonly command: string };

/** A plain machine with a network. */
export class PlainNetworkThread {
  readonly #worker = new Worker(new URL(import.meta.url));

  static async boot(config: PlainMachineConfig, relay: string, mtu: number): Promise<PlainNetworkThread> {
    const thread = new PlainNetworkThread();
    await thread.#ask({ do: "boot", config, relay, mtu });
    return thread;
  }

  /** Runs a command that prints a number; ms until that is there. */
  async run(command: string): Promise<{ readonly ms: number; readonly number: number }> {
    return this.#ask({ do: "run", command });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(request: Request): Promise<{ readonly ms: number; readonly number: number }> {
    return new Promise((resolve, reject) => {
      this.#worker.once("error", reject);
      this.#worker.once("message", (answer) => {
        this.#worker.off("error", reject);
        resolve(answer);
      });
      this.#worker.postMessage(request);
    });
  }
}

/** The adapter's own network: it is 192.168.86.1, and gives the guest .100. */
const SETUP = (mtu: number) =>
  `ip link set lo up; ip link set eth0 mtu ${mtu} up; ip addr add 192.168.86.100/24 dev eth0; ip route add default via 192.168.86.1`;

if (!isMainThread) {
  // Node 20 has none, and v86 looks for a global one.
  Object.assign(globalThis, { WebSocket });
  let machine: PlainMachine | undefined;
  parentPort?.on("message", async (request: Request) => {
    if (request.do === "boot") {
      const { config, relay, mtu } = request;
      machine = await PlainMachine.start(config, { net_device: { type: "virtio", relay_url: relay, mtu } });
      await machine.prompt();
      await machine.run(`${SETUP(mtu)}; echo up-$((40+2))`, /up-42/);
      parentPort?.postMessage({ ms: 0, number: 0 });
      return;
    }
    const started = performance.now();
    const [, number] = (await machine?.run(`${request.command}; echo`, /(?:^|\r)(\d+)\r/)) ?? [];
    parentPort?.postMessage({ ms: performance.now() - started, number: Number(number) });
  });
}
