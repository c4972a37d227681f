import { expect, it } from "vitest";
import { SessionClosedError } from "../errors/index.ts";
import type { FromWorker, SavedState, StartMessage, ToWorker } from "../machine/index.ts";
import { Machine } from "./machine.ts";

const NO_BYTES = new Uint8Array(0);
const RESTORED: SavedState = {
  devices: { serial: 0, rawBytes: 0, gzip: false, bytes: NO_BYTES },
  memory: [],
  disk: [],
  firstSerial: 1,
};
const START: StartMessage = {
  type: "start",
  image: { kind: "manifest", url: "https://example.org/image.json" },
  wasmUrl: "",
  memoryMb: null,
  diskMb: null,
  coldBoot: false,
  kernelArgs: "",
  blocks: null,
  state: RESTORED,
  imageId: null,
  traceChunks: false,
  relay: null,
};

/** A machine whose thread does nothing but say what it is told to. */
function machineWith(expectAgent: boolean): { machine: Machine; told: ToWorker[]; say: (message: FromWorker) => void } {
  const told: ToWorker[] = [];
  let say: (message: FromWorker) => void = () => {};
  const thread = {
    post: (message: ToWorker) => void told.push(message),
    onMessage: (listener: (message: FromWorker) => void) => {
      say = listener;
    },
    onFailure: () => {},
    terminate: async () => {},
  };
  const nothing = () => {};
  const listener = {
    onProgress: nothing,
    onConsole: nothing,
    onDiskError: nothing,
    onChunk: nothing,
    onNetwork: nothing,
    onFailure: nothing,
    onPower: nothing,
  };
  const settings = { start: START, hangTimeoutMs: 60_000, expectAgent, isCopy: false };
  return { machine: new Machine(thread, settings, listener), told, say: (message) => say(message) };
}

it("a restored machine without an agent is ready when it is restored, and not when it was asked for", async () => {
  const { machine, told, say } = machineWith(false);
  let ready = false;
  machine.ready.then(
    () => {
      ready = true;
    },
    () => {},
  );
  await new Promise((resolve) => setTimeout(resolve));
  expect([ready, told.map(({ type }) => type)]).toEqual([false, ["start"]]);
  say({ type: "restored" });
  await machine.ready;
  expect(told.at(-1)).toEqual({ type: "pause", paused: false });
  await machine.end(new SessionClosedError());
});

it("what a restored machine's agent must know is on its way before it is restored, and the clock again after", async () => {
  const { machine, told, say } = machineWith(true);
  const before = told.map(({ type }) => type);
  expect(before[0]).toBe("start");
  expect(before.filter((type) => type === "link").length).toBeGreaterThan(0);
  expect(before.at(-1)).toBe("pause");
  say({ type: "restored" });
  expect(told.slice(before.length).map(({ type }) => type)).toEqual(["link"]);
  machine.ready.catch(() => {});
  await machine.end(new SessionClosedError());
});
