import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CLOSE_REASON, encodeContinue } from "../wisp/index.ts";
import { RelayLink, type RelayState } from "./relay-link.ts";
import { TestSocket } from "./test-socket.ts";

describe("the link to a relay", () => {
  function link(credentials = async () => ({ token: null as string | null, isFinal: true })) {
    const sockets: { readonly socket: TestSocket; readonly protocols: readonly string[]; readonly url: string }[] = [];
    const states: RelayState[] = [];
    const made = new RelayLink({
      openSocket: (url, protocols) => {
        const socket = new TestSocket();
        sockets.push({ socket, protocols, url });
        return socket;
      },
      credentials,
      changed: (state) => states.push(state),
      overrun: () => {},
    });
    return { made, sockets, states };
  }
  const address = { socketUrl: "wss://x/wisp/", ticketUrl: null };

  it("offers version 2, and goes on without it where it is not known", async () => {
    const { made, sockets, states } = link();
    made.use(address);
    await Promise.resolve();
    sockets[0]?.socket.end(1006);
    await Promise.resolve();
    expect(sockets.map(({ protocols }) => protocols)).toEqual([["wisp-v2"], []]);
    sockets[1]?.socket.receive(encodeContinue(0, 9));
    expect(states.at(-1)).toMatchObject({ state: "online", abilities: { version: 1 } });
    made.close();
  });

  it("comes back when it is lost, and says when", async () => {
    const { made, sockets, states } = link();
    made.use(address);
    sockets[0]?.socket.receive(encodeContinue(0, 9));
    await made.settled(1000);
    sockets[0]?.socket.end(1012, "restarting");
    expect(states.at(-1)).toMatchObject({ state: "lost", reason: "restarting" });
    expect(made.connection).toBe(null);
    while (sockets.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    sockets[1]?.socket.receive(encodeContinue(0, 9));
    expect(made.connection).not.toBe(null);
    made.use(null);
    expect([states.at(-1), sockets[1]?.socket.closedWith]).toEqual([{ state: "off" }, 1000]);
  });

  it("is refused where a limit is reached", () => {
    const { made, sockets, states } = link();
    made.use(address);
    sockets[0]?.socket.receive(encodeContinue(0, 9));
    sockets[0]?.socket.end(4429, "too many connections");
    expect(states.at(-1)).toMatchObject({
      state: "refused",
      code: "limit-connections",
      reason: "too many connections",
    });
    made.close();
  });

  it("tells the streams of a relay that is given up", () => {
    const { made, sockets } = link();
    made.use(address);
    sockets[0]?.socket.receive(encodeContinue(0, 9));
    const closed: number[] = [];
    const seen: unknown[] = [];
    const listener = { connected: () => {}, data: () => {}, ended: () => {}, drained: () => {} };
    made.connection?.open("a.example", 80, true, {
      ...listener,
      closed: (reason) => {
        closed.push(reason);
        seen.push(made.connection);
      },
    });
    made.use(null);
    // And nobody can take what is gone for what is there.
    expect([closed, seen]).toEqual([[CLOSE_REASON.NETWORK_ERROR], [null]]);
  });

  it("has no connection any more when streams are told that it was lost", () => {
    const { made, sockets } = link();
    made.use(address);
    sockets[0]?.socket.receive(encodeContinue(0, 9));
    const seen: unknown[] = [];
    const listener = { connected: () => {}, data: () => {}, ended: () => {}, drained: () => {} };
    made.connection?.open("a.example", 80, true, { ...listener, closed: () => void seen.push(made.connection) });
    sockets[0]?.socket.end(1006);
    expect(seen).toEqual([null]);
    made.close();
  });

  describe("with tickets", () => {
    const ticketed = { socketUrl: "wss://x/", ticketUrl: "https://x/ticket" };
    const asked: (string | null)[] = [];
    const answers = (answer: () => Response) =>
      vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
        asked.push(new Headers(init?.headers).get("authorization"));
        return answer();
      });
    const json = (value: unknown, status = 200) =>
      new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
    beforeEach(() => void asked.splice(0));
    afterEach(() => void vi.restoreAllMocks());

    it("a relay that gives them and then does not take them is not asked without a pause", async () => {
      answers(() => json({ path: "/wisp/abc/" }));
      const { made, sockets, states } = link();
      made.use(ticketed);
      await vi.waitUntil(() => sockets.length === 1);
      sockets[0]?.socket.end(1006);
      expect(states.at(-1)).toMatchObject({ state: "lost", retryInMs: expect.any(Number) });
      made.close();
      expect([sockets.length, asked.length]).toEqual([1, 1]);
    });

    it("each connection has a token and a ticket of its own", async () => {
      let made = 0;
      let tickets = 0;
      answers(() => json({ path: `/wisp/${++tickets}/` }));
      const { made: relay, sockets } = link(async () => ({ token: `token-${++made}`, isFinal: false }));
      relay.use(ticketed);
      await vi.waitUntil(() => sockets.length === 1);
      sockets[0]?.socket.receive(encodeContinue(0, 9));
      sockets[0]?.socket.end(4401, "credentials expired");
      await vi.waitUntil(() => sockets.length === 2, 5000);
      expect(asked).toEqual(["Bearer token-1", "Bearer token-2"]);
      expect(sockets.map(({ url }) => url)).toEqual(["wss://x/wisp/1/", "wss://x/wisp/2/"]);
      relay.close();
    });

    it("a fixed token that is refused is not sent again, a fresh one is", async () => {
      answers(() => json({ code: "token-expired", message: "the token has expired" }, 401));
      const fixed = link(async () => ({ token: "t", isFinal: true }));
      fixed.made.use(ticketed);
      await vi.waitUntil(() => fixed.states.at(-1)?.state === "refused");
      expect(fixed.states.at(-1)).toMatchObject({ code: "token-expired", retryInMs: null });
      const fresh = link(async () => ({ token: "t", isFinal: false }));
      fresh.made.use(ticketed);
      await vi.waitUntil(() => fresh.states.at(-1)?.state === "refused");
      expect(fresh.states.at(-1)).toMatchObject({ code: "token-expired", retryInMs: 30_000 });
      fixed.made.close();
      fresh.made.close();
    });
  });
});
