import {
  AbortedError,
  GuestConnectionError,
  MachineOffError,
  MachineRestartedError,
  SessionClosedError,
  type WarmbootError,
} from "../../errors/index.ts";
import { type Deferred, deferred } from "../../guest/index.ts";
import type { BlockedConnection, ConnectionInfo, FromGateway, RelaySettings, ToGateway } from "../../net/index.ts";
import type { EventHub } from "../events.ts";
import { within } from "../within.ts";
import { CaptureStreams } from "./capture-streams.ts";
import type { GuestResponse } from "./guest-response.ts";
import { GuestSocket } from "./guest-socket.ts";
import { HttpClient, type UpgradedConnection } from "./http-client.ts";
import {
  type CaptureOptions,
  type ConnectOptions,
  checkPort,
  checkRelay,
  DEFAULT_CONNECT_MS,
  type FetchInit,
  type NetworkOptions,
  type NetworkStatus,
  type RelayOptions,
  relayOf,
  tokenOf,
} from "./options.ts";
import { statusOf } from "./status.ts";

/** A machine that takes messages for its gateway. */
export interface NetworkedMachine {
  sendNetwork(message: ToGateway, transfer?: ArrayBuffer[]): void;
}

const OFF: NetworkStatus = { state: "off", reason: null, code: null, retryInMs: null };

/** A session's network. */
export class SessionNetwork {
  readonly #events: EventHub;
  readonly #up: () => Promise<NetworkedMachine>;
  readonly #machine: () => NetworkedMachine;
  readonly #sockets = new Map<number, GuestSocket>();
  readonly #asked = new Map<number, Deferred<readonly ConnectionInfo[]>>();
  readonly #captures = new CaptureStreams();
  readonly #http = new HttpClient((port, options) => this.connect(port, options));
  #options: NetworkOptions | null;
  #status: NetworkStatus = OFF;
  #lanAddress: string | null = null;
  #nextId = 1;

  /** @internal Use `session.network`. */
  constructor(
    events: EventHub,
    options: NetworkOptions | null,
    /** The machine, when it is up, and as it is now. */
    power: { up(): Promise<NetworkedMachine>; now(): NetworkedMachine },
  ) {
    this.#events = events;
    this.#options = options;
    this.#up = power.up;
    this.#machine = power.now;
    events.on("error", (error) => this.#machineGone(error));
    events.on("state", (state) => {
      if (state === "off") this.#machineGone(new MachineOffError());
    });
  }

  /** How the way to the relay stands; the event `network` says when it changes. */
  get status(): NetworkStatus {
    return this.#status;
  }

  /** The guest's address on its LAN, as `10.0.2.16`; `null`: it is on none, it has none yet, or there was none left. */
  get lanAddress(): string | null {
    return this.#lanAddress;
  }

  /** In a word; see `NetworkStatus`. */
  get state(): NetworkStatus["state"] {
    return this.#status.state;
  }

  /** Adds a listener: the same as the session's `on`. Returns a function that takes it away again. */
  on(event: "network", listener: (status: NetworkStatus) => void): () => void;
  on(event: "network-blocked", listener: (blocked: BlockedConnection) => void): () => void;
  on(event: "network" | "network-blocked", listener: (value: never) => void): () => void {
    return this.#events.on(event, listener as (value: NetworkStatus | BlockedConnection) => void);
  }

  /** Connections between the guest and the outside, or us, as they are now. @throws MachineOffError, SessionClosedError */
  async connections(): Promise<readonly ConnectionInfo[]> {
    const machine = await this.#up();
    const id = this.#nextId++;
    const asked = deferred<readonly ConnectionInfo[]>();
    this.#asked.set(id, asked);
    machine.sendNetwork({ type: "connections", id });
    return asked.promise;
  }

  /**
   * Opens a TCP connection to a port of the guest. A server that listens on the guest's 127.0.0.1 only is not reached.
   * @throws GuestConnectionError, AbortedError, InvalidOptionError, MachineOffError, SessionClosedError
   */
  async connect(port: number, options: ConnectOptions = {}): Promise<GuestSocket> {
    checkPort(port);
    const { timeoutMs = DEFAULT_CONNECT_MS, signal } = options;
    if (signal?.aborted) throw new AbortedError("the connection", signal.reason);
    const machine = await this.#up();
    const id = this.#nextId++;
    const socket = new GuestSocket((message, transfer) => machine.sendNetwork(message, transfer), id, port);
    this.#sockets.set(id, socket);
    socket.closed.catch(() => {}).finally(() => this.#sockets.delete(id));
    try {
      await within(socket.opened, {
        what: "the connection",
        timeoutMs,
        onTimeout: () => new GuestConnectionError(port, "timed-out"),
        signal,
      });
    } catch (error) {
      socket.close();
      throw error;
    }
    const abort = () => socket.close();
    signal?.addEventListener("abort", abort, { once: true });
    socket.closed.catch(() => {}).finally(() => signal?.removeEventListener("abort", abort));
    return socket;
  }

  /**
   * Sends an HTTP/1.1 request to a server in the guest; resolves with the head of its answer. A status that tells of a failure is an answer as well. Redirects
   * are not followed.
   * @param request A `Request`, an address of which path and query count, or a path.
   * @throws GuestConnectionError, GuestHttpError, AbortedError, InvalidOptionError, MachineOffError, SessionClosedError
   * @example const page = await (await session.network.fetch(8000, "/")).text();
   */
  fetch(port: number, request: Request | URL | string, init: FetchInit = {}): Promise<GuestResponse> {
    return this.#http.fetch(port, request, init);
  }

  /**
   * Sends an HTTP/1.1 request that asks for another protocol, such as `websocket`, and gives the connection when the server has agreed.
   * @throws as `fetch`; GuestHttpError also when the server does not agree.
   */
  upgrade(port: number, request: Request | URL | string, init: FetchInit = {}): Promise<UpgradedConnection> {
    return this.#http.upgrade(port, request, init);
  }

  /**
   * Everything that goes over the guest's network card from now on, as a capture file (libpcap, Ethernet) for Wireshark or tcpdump. Ends when it is cancelled,
   * or with the machine. What its reader does not take is left out.
   */
  capture({ signal }: CaptureOptions = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    const id = this.#nextId++;
    return this.#captures.open(
      id,
      (message) =>
        void this.#up().then(
          (machine) => machine.sendNetwork(message),
          () => {},
        ),
      signal,
    );
  }

  /** Uses another relay, or none, from now on. Connections by the one before are reset. @throws InvalidOptionError, MachineOffError, SessionClosedError */
  async setRelay(options: RelayOptions | null): Promise<void> {
    if (options) checkRelay(options);
    const machine = await this.#up();
    const lan = this.#options?.lan;
    this.#options = options || lan !== undefined ? { ...options, ...(lan !== undefined && { lan }) } : null;
    machine.sendNetwork({ type: "relay", relay: this.relay });
  }

  /** @internal What it is set to. */
  get options(): NetworkOptions | null {
    return this.#options;
  }

  /** @internal */
  get relay(): RelaySettings | null {
    return this.#options && relayOf(this.#options);
  }

  /** @internal A new machine is being started: what was connected to the one before is gone. */
  machineStarted(): void {
    this.#lanAddress = null;
    this.#fail(new MachineRestartedError());
  }

  /** @internal Has a machine that was started take part in the LAN, before its guest asks for its address. */
  joinLan<M extends NetworkedMachine>(machine: M): M {
    const lan = this.#options?.lan;
    if (lan !== undefined) machine.sendNetwork({ type: "lan", name: lan });
    return machine;
  }

  /** @internal */
  end(): void {
    this.#fail(new SessionClosedError());
  }

  /** @internal A message of the gateway. */
  receive(message: FromGateway): void {
    switch (message.type) {
      case "relay-state":
        this.#status = statusOf(message.state);
        this.#events.emit("network", this.#status);
        return;
      case "lan-address":
        this.#lanAddress = message.address;
        return;
      case "credentials-wanted":
        void this.#giveToken(message.id);
        return;
      case "blocked":
        this.#events.emit("network-blocked", message.blocked);
        return;
      case "connections":
        this.#asked.get(message.id)?.resolve(message.connections);
        this.#asked.delete(message.id);
        return;
      case "captured":
        this.#captures.receive(message.id, message.bytes);
        return;
      default:
        if (this.#sockets.get(message.id)?.receive(message)) this.#sockets.delete(message.id);
    }
  }

  async #giveToken(id: number): Promise<void> {
    // WHY not when it is up: the relay is connected to while the machine starts.
    const machine = this.#machine();
    try {
      machine.sendNetwork({ type: "credentials", id, ...(await tokenOf(this.#options ?? {})) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      machine.sendNetwork({ type: "credentials-failed", id, reason });
    }
  }

  /** There is no machine any more, and so no gateway. */
  #machineGone(error: WarmbootError): void {
    this.#fail(error);
    if (this.#status.state === "off") return;
    this.#status = OFF;
    this.#events.emit("network", OFF);
  }

  #fail(error: WarmbootError): void {
    this.#http.clear();
    for (const socket of [...this.#sockets.values()]) socket.fail(error);
    for (const asked of this.#asked.values()) asked.reject(error);
    this.#asked.clear();
    this.#captures.end();
  }
}
