import { describe, expect, it } from "vitest";
import { FLAG } from "../packet/tcp-segment.ts";
import { opened } from "./test-network.ts";

const { ACK } = FLAG;

describe("keeping alive", () => {
  it("answers a guest that asks", () => {
    const network = opened();
    network.send(ACK, "", { sequence: 1000 });
    expect(network.take()).toEqual(["ACK 1 ack 1"]);
  });

  it("asks a guest that has been silent for long, and gives up when there is no answer", () => {
    const network = opened();
    network.pass(601_000);
    expect(network.take()).toEqual(["ACK 0 ack 1"]);
    network.send(ACK);
    network.pass(599_000);
    expect(network.take()).toEqual([]);
    network.pass(300_000);
    expect(network.take().at(-1)).toBe("RST+ACK 1 ack 1");
    expect(network.peer.events).toEqual(["aborted: reset"]);
  });
  it("does not give up a guest that it could not ask, since the computer slept", () => {
    const network = opened();
    network.now += 24 * 3_600_000;
    network.pass(1000);
    expect(network.take()).toEqual(["ACK 0 ack 1"]);
    network.send(ACK);
    network.pass(599_000);
    expect([network.take(), network.peer.events]).toEqual([[], []]);
  });
});
