import { expect, it, vi } from "vitest";
import { TestSocket } from "../../net/relay/test-socket.ts";
import { encodeContinue } from "../../net/wisp/index.ts";
import { tryRelayBy } from "./try-relay.ts";

/** Tries a relay that is played by `play`; gives what came of it, and the connections. */
function tried(play: (socket: TestSocket) => void, timeoutMs?: number) {
  const sockets: TestSocket[] = [];
  const openSocket = () => {
    const socket = new TestSocket();
    sockets.push(socket);
    queueMicrotask(() => play(socket));
    return socket;
  };
  const options = timeoutMs === undefined ? {} : { timeoutMs };
  return { sockets, result: tryRelayBy(openSocket, { relay: "wisps://x/wisp/" }, options) };
}

it("says that a relay takes us, and leaves it", async () => {
  const { sockets, result } = tried((socket) => socket.receive(encodeContinue(0, 9)));
  expect(await result).toEqual({ state: "online", reason: null, code: null, retryInMs: null });
  expect(sockets.map(({ closedWith }) => closedWith)).toEqual([1000]);
});

it("says why it does not, and does not come back", async () => {
  vi.useFakeTimers();
  try {
    const { sockets, result } = tried((socket) => socket.end(4429, "too many"));
    expect(await result).toEqual({ state: "refused", reason: "too many", code: "limit-connections", retryInMs: null });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

it("waits as long as it is told, and gives up when it is told", async () => {
  const { sockets, result } = tried(() => {}, 5);
  expect(await result).toMatchObject({ state: "lost", reason: "no answer in 5 ms" });
  expect(sockets[0]?.closedWith).toBe(1000);
  const signal = AbortSignal.abort();
  await expect(tryRelayBy(() => new TestSocket(), { relay: "wisps://x/" }, { signal })).rejects.toMatchObject({
    code: "aborted",
  });
  await expect(tryRelayBy(() => new TestSocket(), { relay: "http://x/" }, {})).rejects.toMatchObject({
    option: "network.relay",
  });
});
