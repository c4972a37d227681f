import { describe, expect, it, vi } from "vitest";
import type { ToGateway } from "../../net/index.ts";
import { GuestSocket } from "./guest-socket.ts";
import { HttpClient } from "./http-client.ts";
import type { ConnectOptions } from "./options.ts";

/** A server in the guest that is played by the test. */
class Server {
  readonly sockets: GuestSocket[] = [];
  readonly closed: number[] = [];
  readonly client = new HttpClient((port, options) => this.#connect(port, options));
  #text: string[] = [];

  /** What the client has sent on a connection. */
  sent(id: number): string {
    return this.#text[id] ?? "";
  }

  reply(id: number, text: string): void {
    this.sockets[id]?.receive({ type: "socket-data", id, bytes: new TextEncoder().encode(text) });
  }

  async #connect(port: number, { signal }: ConnectOptions): Promise<GuestSocket> {
    const id = this.sockets.length;
    const socket = new GuestSocket((message) => this.#note(id, message), id, port);
    this.sockets.push(socket);
    // As a session does it.
    signal?.addEventListener("abort", () => socket.close());
    return socket;
  }

  #note(id: number, message: ToGateway): void {
    if (message.type === "socket-data") this.#text[id] = this.sent(id) + new TextDecoder().decode(message.bytes);
    if (message.type === "socket-close") this.closed.push(id);
  }
}

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const hasSent = (server: Server, id: number, text: string) => vi.waitUntil(() => server.sent(id).includes(text));
const streamOf = (...parts: (string | Error)[]) =>
  new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const part = parts.shift();
      if (part === undefined) controller.close();
      else if (part instanceof Error) controller.error(part);
      else controller.enqueue(new TextEncoder().encode(part));
    },
  });

describe("a connection that is used again", () => {
  it("does not belong to the signal of the request before", async () => {
    const server = new Server();
    const first = new AbortController();
    const answered = server.client.fetch(80, "/first", { signal: first.signal });
    await hasSent(server, 0, "/first");
    server.reply(0, OK);
    expect(await (await answered).text()).toBe("ok");
    const again = server.client.fetch(80, "/second", {});
    await hasSent(server, 0, "/second");
    first.abort();
    server.reply(0, OK);
    expect(await (await again).text()).toBe("ok");
    expect([server.sockets.length, server.closed]).toEqual([1, []]);
    server.client.clear();
  });

  it("is not one for a body that can be sent only once", async () => {
    const server = new Server();
    const answered = server.client.fetch(80, "/first", {});
    await hasSent(server, 0, "/first");
    server.reply(0, OK);
    await (await answered).text();
    void server.client.fetch(80, "/upload", { method: "POST", body: streamOf("a", "b") }).catch(() => {});
    await hasSent(server, 1, "1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
    expect(server.sockets.length).toBe(2);
    server.client.clear();
  });

  it("and was ended by the server meanwhile is replaced", async () => {
    const server = new Server();
    const answered = server.client.fetch(80, "/first", {});
    await hasSent(server, 0, "/first");
    server.reply(0, OK);
    await (await answered).text();
    server.sockets[0]?.receive({ type: "socket-closed", id: 0, reason: "reset" });
    const again = server.client.fetch(80, "/second", {});
    await hasSent(server, 1, "/second");
    server.reply(1, OK);
    expect(await (await again).text()).toBe("ok");
    server.client.clear();
  });
});

describe("a request's body", () => {
  it("that fails fails the request, and the server gets no more", async () => {
    const server = new Server();
    const problem = new Error("the disk is gone");
    await expect(server.client.fetch(80, "/", { method: "POST", body: streamOf("a", problem) })).rejects.toBe(problem);
    expect(server.closed).toEqual([0]);
  });

  it("that gives something else than bytes is refused", async () => {
    const server = new Server();
    const body = new ReadableStream({ start: (controller) => controller.enqueue("text") });
    await expect(server.client.fetch(80, "/", { method: "POST", body })).rejects.toMatchObject({ option: "body" });
  });

  it("that nobody wants any more is told so", async () => {
    const server = new Server();
    let reason: unknown = null;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
      cancel: (why) => {
        reason = why;
      },
    });
    const stop = new AbortController();
    const request = server.client.fetch(80, "/", { method: "POST", body, signal: stop.signal });
    await hasSent(server, 0, "POST");
    stop.abort();
    await expect(request).rejects.toMatchObject({ code: "aborted" });
    await vi.waitUntil(() => reason !== null);
    expect(server.closed).toEqual([0]);
  });
});

it("what is no bytes is not sent", async () => {
  const socket = new GuestSocket(() => {}, 1, 80);
  const writer = socket.writable.getWriter();
  writer.closed.catch(() => {});
  await expect(writer.write("text" as unknown as Uint8Array)).rejects.toMatchObject({ code: "invalid-option" });
});
