/** From a server of the guest to what the browser takes from the service worker. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { KernelSession } from "warmboot";
import { exchange } from "../../ports/worker/exchange.ts";
import { MachineLinks } from "../../ports/worker/machine-links.ts";
import { PortServer } from "./port-server.ts";

const PIECE = 64 * 1024;
const WHOLE = 24 * 1024 * 1024;
/** What may be on its way, without the guest's own window. */
const MOST_AHEAD = 512 * 1024;
const REQUEST = {
  method: "GET",
  path: "/big",
  headers: [],
  origin: null,
  referrer: "",
  documentPath: "/",
};

let taken = 0;
/** A server that has the whole answer ready, as a session gives it. */
const session = {
  state: "running",
  network: {
    fetch: async () => {
      const body = new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            if (taken === WHOLE) return controller.close();
            taken += PIECE;
            controller.enqueue(new Uint8Array(PIECE));
          },
        },
        { highWaterMark: 0 },
      );
      return Object.assign(new Response(body), { setCookies: [] });
    },
  },
} as unknown as KernelSession;

/** Lets everything happen that happens without anybody asking for more. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

beforeEach(() => {
  taken = 0;
});
const links = new MachineLinks({ matchAll: async () => [] });
const server = new PortServer(8000, { id: "machine", session: () => session, isLoopbackOnly: () => false }, null);
afterEach(() => {
  server.close();
  vi.unstubAllGlobals();
});

it("an answer that is read slowly is taken from the server slowly, and is whole in the end", async () => {
  vi.stubGlobal("navigator", { userAgent: "test", languages: ["en"] });
  const { port1, port2 } = new MessageChannel();
  server.link(port1);
  links.add(port2);
  const answer = await exchange(links, REQUEST, null, new AbortController().signal);
  if (answer?.type !== "answer" || !answer.body) throw new Error(`no body: ${JSON.stringify(answer)}`);
  const reader = answer.body.getReader();
  let read = (await reader.read()).value?.byteLength ?? 0;
  expect(read).toBe(PIECE);
  await settle();
  expect(taken - read).toBeLessThan(MOST_AHEAD);
  for (let piece = 0; piece < 20; piece++) read += (await reader.read()).value?.byteLength ?? 0;
  await settle();
  expect(taken - read).toBeLessThan(MOST_AHEAD);
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) read += piece.value.byteLength;
  expect(read).toBe(WHOLE);
});
