import {
  GuestConnectionError,
  GuestHttpError,
  type KernelSession,
  MachineOffError,
  SessionClosedError,
} from "warmboot";
import type { AnswerMessage, FromMachine, Problem, ToMachine } from "../../ports/shared/protocol.ts";
import { PortCookies } from "./cookies.ts";
import { guestHeaders, isPath, passedHeaders, readRequest, unpacked } from "./guest-headers.ts";
import { GuestWebSocket } from "./guest-web-socket.ts";
import { Turns } from "./turns.ts";

/** A development server may compile before it answers, and a long poll waits. */
const ANSWER_MS = 300_000;
const MOST_AT_ONCE = 16;
const MOST_WAITING = 512;
const MOST_SOCKETS = 64;

/** The machine that a port is of, as it is now. */
export interface PortHost {
  readonly id: string;
  session(): KernelSession | null;
  /** Somebody listens on the port, on the guest's loopback only. */
  isLoopbackOnly(port: number): boolean;
}

/**
 * Answers what pages of one port of the guest ask for, and nothing else: whoever has a link to it reaches this port of this machine, as any program beside the
 * server could.
 */
export class PortServer {
  readonly port: number;
  readonly #host: PortHost;
  readonly #cookies: PortCookies;
  readonly #links = new Set<MessagePort>();
  readonly #turns = new Turns(MOST_AT_ONCE, MOST_WAITING);
  readonly #sockets = new Set<GuestWebSocket>();
  readonly #ending = new AbortController();

  constructor(port: number, host: PortHost, store: Storage | null) {
    this.port = port;
    this.#host = host;
    this.#cookies = new PortCookies(host.id, port, store);
  }

  /** Answers what comes by this port, too. */
  link(link: MessagePort): void {
    this.#links.add(link);
    link.onmessage = ({ data, ports }: MessageEvent<ToMachine>) => this.#take(data, ports[0]);
  }

  /** Tells the pages that there is nothing more here. */
  close(): void {
    const closing: FromMachine = { type: "closing" };
    for (const link of this.#links) {
      link.postMessage(closing);
      link.close();
    }
    this.#links.clear();
    this.#ending.abort();
    for (const socket of this.#sockets) socket.end();
  }

  #take(message: ToMachine, reply: MessagePort | undefined): void {
    if (message?.type === "request" && reply) void this.#answer(message, reply);
    if (message?.type === "websocket" && reply) this.#openSocket(message.path, message.protocols, reply);
    if (message?.type === "cookie" && isPath(message.path))
      this.#cookies.set([String(message.cookie)], message.path, true);
  }

  async #answer({ request: given, body }: ToMachine & { readonly type: "request" }, reply: MessagePort): Promise<void> {
    const say = (message: AnswerMessage, transfer: Transferable[] = []) => reply.postMessage(message, transfer);
    say({ type: "taken" });
    const aborting = new AbortController();
    reply.onmessage = () => aborting.abort();
    const signal = AbortSignal.any([aborting.signal, this.#ending.signal]);
    const request = readRequest(given);
    const turn = request && (await this.#turns.take(signal));
    if (!request || !turn) {
      say({ type: "failed", problem: "too-much", detail: "" });
      return;
    }
    try {
      const session = this.#session();
      const { method, path, documentPath } = request;
      const headers = guestHeaders(request, this.port, this.#cookies.header(path));
      const timeoutMs = ANSWER_MS;
      const response = await session.network.fetch(this.port, path, { method, headers, body, signal, timeoutMs });
      this.#cookies.set(response.setCookies, path);
      const answered = new Headers(response.headers);
      const content = ending(unpacked(response.body as ReadableStream<Uint8Array<ArrayBuffer>> | null, answered), turn);
      const { status, statusText } = response;
      const cookies = this.#cookies.forScripts(documentPath);
      say(
        { type: "answer", status, statusText, headers: passedHeaders(answered), body: content, cookies },
        content ? [content] : [],
      );
    } catch (error) {
      turn();
      const [problem, detail] = this.#problem(error);
      say({ type: "failed", problem, detail });
    }
  }

  #openSocket(path: string, protocols: readonly string[], port: MessagePort): void {
    const session = this.#host.session();
    if (!session || !isPath(path) || !Array.isArray(protocols) || this.#sockets.size >= MOST_SOCKETS) {
      GuestWebSocket.refuse(port);
      return;
    }
    const socket = new GuestWebSocket(session.network, this.port, port);
    this.#sockets.add(socket);
    void socket
      .run(path, protocols.map(String), this.#cookies.header(path))
      .finally(() => this.#sockets.delete(socket));
  }

  /** @throws MachineOffError */
  #session(): KernelSession {
    const session = this.#host.session();
    if (!session) throw new MachineOffError();
    if (session.state === "paused") throw new PausedError();
    return session;
  }

  #problem(error: unknown): [Problem, string] {
    if (error instanceof PausedError) return ["paused", ""];
    if (error instanceof MachineOffError || error instanceof SessionClosedError) return ["off", ""];
    if (error instanceof GuestHttpError) return ["not-http", error.detail];
    if (!(error instanceof GuestConnectionError))
      return ["reset", error instanceof Error ? error.message : String(error)];
    if (error.reason === "refused") return [this.#host.isLoopbackOnly(this.port) ? "loopback" : "refused", ""];
    return [error.reason === "reset" ? "reset" : "timed-out", ""];
  }
}

class PausedError extends Error {}

/** Calls `over` when the body has ended in whichever way. */
function ending(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  over: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  if (!body) {
    over();
    return null;
  }
  const reader = body.getReader();
  return new ReadableStream(
    {
      pull: async (controller) => {
        try {
          const { value, done } = await reader.read();
          if (!done) {
            controller.enqueue(value);
            return;
          }
          over();
          controller.close();
        } catch (error) {
          over();
          throw error;
        }
      },
      cancel: (reason) => {
        over();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
