import { describe, expect, it, vi } from "vitest";
import { EmulatorCrashedError, SessionClosedError } from "../../errors/index.ts";
import type { ToGateway } from "../../net/index.ts";
import { EventHub } from "../events.ts";
import type { NetworkStatus } from "./options.ts";
import { SessionNetwork } from "./session-network.ts";

function started() {
  const events = new EventHub();
  const sent: ToGateway[] = [];
  const machine = { sendNetwork: (message: ToGateway) => void sent.push(message) };
  const network = new SessionNetwork(events, null, { up: async () => machine, now: () => machine });
  const states: NetworkStatus["state"][] = [];
  network.on("network", ({ state }) => states.push(state));
  const connect = async (signal?: AbortSignal) => {
    const connecting = network.connect(80, signal ? { signal } : {});
    await Promise.resolve();
    const id = sent.flatMap((message) => (message.type === "connect" ? message.id : [])).at(-1) as number;
    network.receive({ type: "socket-open", id });
    return { socket: await connecting, id };
  };
  return { events, sent, network, states, connect };
}

describe("when the machine is gone", () => {
  it.each([
    ["failed", "emulator-crashed", (events: EventHub) => events.emit("error", new EmulatorCrashedError("x"))],
    ["is off", "machine-off", (events: EventHub) => events.emit("state", "off")],
  ])("since it %s, nobody waits for its network any more", async (_how, code, goes) => {
    const { events, network, connect, states } = started();
    const { socket } = await connect();
    const reading = socket.readable.getReader().read();
    const connections = network.connections();
    network.receive({ type: "relay-state", state: { state: "connecting" } });
    await Promise.resolve();
    goes(events);
    await expect(reading).rejects.toMatchObject({ code });
    await expect(connections).rejects.toMatchObject({ code });
    expect(states).toEqual(["connecting", "off"]);
  });
});

it("a connection that is over has no part in its signal any more", async () => {
  const { network, connect } = started();
  const { signal } = new AbortController();
  const [added, removed] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
  const { socket, id } = await connect(signal);
  network.receive({ type: "socket-closed", id, reason: null });
  await socket.closed;
  await vi.waitUntil(() => removed.mock.calls.length > 0);
  expect(removed.mock.calls.length).toBe(added.mock.calls.length);
  network.end();
});

it("a session that is closed ends what is open", async () => {
  const { network, connect } = started();
  const { socket } = await connect();
  network.end();
  await expect(socket.closed).rejects.toBeInstanceOf(SessionClosedError);
});
