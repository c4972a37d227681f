import { expect, it } from "vitest";
import { compileWasm, type WasmPlatform } from "./compile-wasm.ts";

const URL = "https://site.example/v86.wasm";
/** The smallest module there is. */
const MODULE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const DAMAGED = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 9, 9);
const OPTIONS = { retryDelaysMs: [1, 1] };

const arriving = (body: ReadableStream<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer>, status = 200) =>
  new Response(body, { status, headers: { "content-type": "application/wasm" } });
const streamOf = (read: (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>) => void) =>
  new ReadableStream({ start: read });

/** The first try gives `first`, each later one what is next in `others`. */
function platform(first: () => Response | Promise<Response>, ...others: readonly (Uint8Array<ArrayBuffer> | number)[]) {
  const fresh: boolean[] = [];
  let given: AbortSignal | undefined;
  const made: WasmPlatform = {
    fetchWasm: async (_url, signal) => {
      given = signal;
      return first();
    },
    transport: {
      get: async (url, options) => {
        expect(url).toBe(URL);
        const next = others[fresh.length];
        fresh.push(options.fresh);
        if (next === undefined) throw new TypeError("no network");
        return typeof next === "number" ? { status: next, body: null } : { status: 200, body: arriving(next).body };
      },
      open: () => Promise.reject(new Error("not of this test")),
    },
  };
  return { made, fresh, given: () => given };
}

it("is compiled while it arrives, and fetched once", async () => {
  const { made, fresh } = platform(() => arriving(MODULE));
  expect(await compileWasm(made, URL, OPTIONS)).toBeInstanceOf(WebAssembly.Module);
  expect(fresh).toEqual([]);
});

it.each([
  ["ends in the middle", () => arriving(streamOf((controller) => controller.error(new TypeError("lost"))))],
  ["has no answer", () => Promise.reject(new TypeError("no network"))],
  ["is refused for now", () => arriving(MODULE, 503)],
  ["is damaged", () => arriving(DAMAGED)],
])("a first try that %s is followed by others", async (_what, first) => {
  const { made, fresh } = platform(first, 503, MODULE);
  expect(await compileWasm(made, URL, OPTIONS)).toBeInstanceOf(WebAssembly.Module);
  expect(fresh).toHaveLength(2);
});

it("one that does not go on is not waited for, and is ended", async () => {
  const { made, given } = platform(() => arriving(streamOf(() => {})), MODULE);
  expect(await compileWasm(made, URL, { ...OPTIONS, slowMs: 1 })).toBeInstanceOf(WebAssembly.Module);
  expect(given()?.aborted).toBe(true);
});

it("one that was only slow is taken when it is there first", async () => {
  let end = () => {};
  const body = streamOf((controller) => {
    controller.enqueue(MODULE);
    end = () => controller.close();
  });
  const { made } = platform(() => arriving(body), 503, 503, 503);
  const compiled = compileWasm(made, URL, { slowMs: 1, retryDelaysMs: [60_000] });
  setTimeout(() => end(), 20);
  expect(await compiled).toBeInstanceOf(WebAssembly.Module);
});

it("what is not there, and what is damaged at its origin too, is told as that", async () => {
  const missing = platform(() => arriving(MODULE, 404), 404);
  await expect(compileWasm(missing.made, URL, OPTIONS)).rejects.toMatchObject({
    code: "artefact-missing",
    status: 404,
  });
  expect(missing.fresh).toHaveLength(1);
  const damaged = platform(() => arriving(DAMAGED), DAMAGED, DAMAGED);
  await expect(compileWasm(damaged.made, URL, OPTIONS)).rejects.toMatchObject({ code: "artefact-damaged" });
  expect(damaged.fresh).toEqual([false, true]);
});
