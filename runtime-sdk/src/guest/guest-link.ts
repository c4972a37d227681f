import { LinkBrokenError } from "../errors/index.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { encodeFrame, encodeFrames, type Frame, FrameDecoder } from "./frame-codec.ts";
import {
  decodeTerminals,
  encodeAttach,
  encodeHello,
  encodeIdentity,
  encodeSpawnRequest,
  encodeU64,
  type KeptTerminal,
  PayloadReader,
  type SpawnRequest,
} from "./payload.ts";
import { ProcessChannel } from "./process-channel.ts";
import { ERR, FLAG, FRAME, LIMIT, LINK_VERSION, MAX_PAYLOAD } from "./wire.gen.ts";

/** What the agent says of itself. */
export interface AgentInfo {
  readonly version: number;
  readonly maxChannels: number;
  readonly build: string;
}

export interface GuestLinkEvents {
  /** The agent opened its end: time to say hello. */
  readonly onAnnounce: () => void;
  /** The agent understood everything but one thing, e.g. bytes that belong to no frame. */
  readonly onComplaint: (code: number, detail: number, text: string) => void;
}

interface TakeOver {
  readonly nonce: bigint;
  readonly done: Deferred<KeptTerminal[]>;
}

/** The host's end of the guest link: one per machine. Gets and gives bytes; knows nothing of workers or devices. */
export class GuestLink {
  readonly #write: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly #events: GuestLinkEvents;
  readonly #decoder: FrameDecoder;
  readonly #channels = new Map<number, ProcessChannel>();
  readonly #pings = new Map<bigint, Deferred<void>>();
  #ready: Deferred<AgentInfo> | null = null;
  #takingOver: TakeOver | null = null;
  #nextChannel = 1;
  #nextPing = 1n;
  #failure: Error | null = null;

  /** `write` takes whole frames, in order; the caller must deliver them all. */
  constructor(write: (bytes: Uint8Array<ArrayBuffer>) => void, events: GuestLinkEvents) {
    this.#write = write;
    this.#events = events;
    this.#decoder = new FrameDecoder((frame) => this.#receiveFrame(frame));
  }

  /** Processes whose channel is open, for tests of leaks. */
  get openChannels(): number {
    return this.#channels.size;
  }

  /** Bytes from the guest. */
  receive(bytes: Uint8Array): void {
    if (this.#failure) return;
    this.#decoder.push(bytes);
  }

  /** Sets the guest's clock, seeds its random pool, and resolves when it answers. */
  hello(nowNs: bigint, seed: Uint8Array): Promise<AgentInfo> {
    this.#ready ??= deferred<AgentInfo>();
    this.#send(FRAME.HELLO, 0, encodeHello(LINK_VERSION, nowNs, seed));
    return this.#ready.promise;
  }

  /** Gives the machine a machine-id and a MAC address of its own: it is a copy. Done when the agent answers what is sent next. */
  identify(): void {
    this.#send(FRAME.IDENTITY, 0, encodeIdentity(crypto.getRandomValues(new Uint8Array(22))));
  }

  /**
   * Begins anew with an agent that has been talking to another host: what that one started goes on without us, but for terminals,
   * which are kept. Until the agent answers, everything that it says was meant for the other one. Call it first.
   */
  takeOver(): Promise<KeptTerminal[]> {
    const nonce = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
    const done = deferred<KeptTerminal[]>();
    this.#takingOver = { nonce, done };
    this.#send(FRAME.RESET, 0, encodeU64(nonce));
    return done.promise;
  }

  /**
   * Takes a terminal that was kept, once. `window`: bytes of its output that may wait unread. `said`: what it is known to have shown.
   */
  attach(
    terminal: KeptTerminal,
    window: number,
    size: { readonly cols: number; readonly rows: number },
    said = "",
  ): ProcessChannel {
    const { channel: id, pid, stdinCredit } = terminal;
    const channel = this.#open(id, { stdout: window, stderr: 0 });
    if (this.#failure) return channel;
    if (said !== "") channel.stdout.say(new TextEncoder().encode(said));
    channel.adopt(pid, stdinCredit);
    this.#send(FRAME.ATTACH, id, encodeAttach(window, size.cols, size.rows));
    return channel;
  }

  /** Resolves when the agent has answered; waits for ever when it never does: race it. */
  ping(): Promise<void> {
    const nonce = this.#nextPing++;
    const pong = deferred<void>();
    this.#pings.set(nonce, pong);
    this.#send(FRAME.PING, 0, encodeU64(nonce));
    return pong.promise;
  }

  /** Starts a process; see `ProcessChannel.started` for whether it came up. */
  spawn(request: SpawnRequest): ProcessChannel {
    const bytes = encodeSpawnRequest(request);
    if (bytes.length > LIMIT.SPAWN_BYTES)
      throw new RangeError(`the request takes ${bytes.length} bytes; at most ${LIMIT.SPAWN_BYTES}`);
    const id = this.#nextChannel++;
    const channel = this.#open(id, { stdout: request.stdoutCredit, stderr: request.stderrCredit });
    if (this.#failure) return channel;
    for (let at = 0; at < bytes.length; at += MAX_PAYLOAD) {
      const end = Math.min(at + MAX_PAYLOAD, bytes.length);
      this.#write(encodeFrame(FRAME.SPAWN, id, bytes.subarray(at, end), end < bytes.length ? FLAG.MORE : 0));
    }
    return channel;
  }

  /** The agent was started anew and knows nothing of what was under way, which fails with `error`. */
  reset(error: Error): void {
    for (const channel of this.#channels.values()) channel.fail(error);
    this.#channels.clear();
    for (const pong of this.#pings.values()) pong.reject(error);
    this.#pings.clear();
    this.#ready?.reject(error);
    this.#ready = null;
    this.#takingOver?.done.reject(error);
    this.#takingOver = null;
  }

  /** The machine is gone: everything under way and everything later fails with `error`. */
  fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    this.reset(error);
  }

  #open(id: number, windows: { readonly stdout: number; readonly stderr: number }): ProcessChannel {
    const channel = new ProcessChannel(
      (type, payload) => this.#send(type, id, payload),
      windows,
      () => this.#channels.delete(id),
    );
    if (this.#failure) channel.fail(this.#failure);
    else this.#channels.set(id, channel);
    return channel;
  }

  #send(type: number, channel: number, payload: Uint8Array): void {
    if (!this.#failure) this.#write(encodeFrames(type, channel, payload));
  }

  #receiveFrame(frame: Frame): void {
    if (this.#takingOver) {
      this.#receiveTakeOver(frame, this.#takingOver);
      return;
    }
    if (frame.channel !== 0) {
      // WHY no complaint about an unknown channel: its last frames may have crossed with our DETACH.
      this.#channels.get(frame.channel)?.receive(frame);
      return;
    }
    const reader = new PayloadReader(frame.payload, `frame of type ${frame.type}`);
    switch (frame.type) {
      case FRAME.ANNOUNCE:
        this.#events.onAnnounce();
        return;
      case FRAME.READY:
        this.#receiveReady(reader);
        return;
      case FRAME.PONG: {
        const nonce = reader.u64();
        this.#pings.get(nonce)?.resolve();
        this.#pings.delete(nonce);
        return;
      }
      case FRAME.ERROR: {
        const code = reader.u16();
        reader.u16();
        const detail = reader.u32();
        // WHY not a failure: an agent of an older image, which leaves the machine as it is.
        if (code === ERR.UNKNOWN_TYPE && detail === FRAME.IDENTITY) return;
        this.#events.onComplaint(code, detail, reader.text());
        return;
      }
    }
  }

  #receiveTakeOver(frame: Frame, { nonce, done }: TakeOver): void {
    if (frame.channel !== 0) return;
    const reader = new PayloadReader(frame.payload, `frame of type ${frame.type}`);
    if (frame.type === FRAME.RESET_DONE && reader.u64() === nonce) {
      const terminals = decodeTerminals(reader);
      this.#takingOver = null;
      this.#nextChannel = Math.max(0, ...terminals.map(({ channel }) => channel)) + 1;
      done.resolve(terminals);
    } else if (frame.type === FRAME.ERROR && reader.u16() === ERR.UNKNOWN_TYPE) {
      reader.u16();
      // WHY: an agent of an older image.
      if (reader.u32() === FRAME.RESET) this.fail(new LinkBrokenError("the agent cannot be taken over"));
    }
  }

  #receiveReady(reader: PayloadReader): void {
    const version = reader.u16();
    reader.u16();
    const info = { version, maxChannels: reader.u32(), build: reader.text() };
    if (version === LINK_VERSION) this.#ready?.resolve(info);
    else this.#ready?.reject(new LinkBrokenError(`the agent speaks version ${version}, this library ${LINK_VERSION}`));
  }
}
