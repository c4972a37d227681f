import { expect, it } from "vitest";
import type { Transport } from "../disk/index.ts";
import { EarlyFiles } from "./early-files.ts";

const URL_A = "https://example.org/a";
const bytes = (value: string) => new TextEncoder().encode(value);
const options = (fresh = false, signal = new AbortController().signal) => ({ signal, fresh });

function over(early: EarlyFiles): { transport: Transport; asked: string[] } {
  const asked: string[] = [];
  const transport = early.before({
    get: async (url) => {
      asked.push(url);
      return { status: 200, body: new Response("by the thread").body };
    },
    open: () => Promise.reject(new Error("not asked for here")),
  });
  return { transport, asked };
}

it("a file that was begun is given once, with what comes before and after somebody asks", async () => {
  const early = new EarlyFiles();
  const { transport, asked } = over(early);
  early.receive({ type: "early", url: URL_A, part: "begin" });
  early.receive({ type: "early", url: URL_A, part: bytes("by ") });
  const { status, body } = await transport.get(URL_A, options());
  expect(status).toBe(200);
  early.receive({ type: "early", url: URL_A, part: bytes("the page") });
  early.receive({ type: "early", url: URL_A, part: "end" });
  expect(await new Response(body).text()).toBe("by the page");
  expect(asked).toEqual([]);
  expect(await new Response((await transport.get(URL_A, options())).body).text()).toBe("by the thread");
  expect(asked).toEqual([URL_A]);
});

it("one that fails is an error, and the next try is the thread's own", async () => {
  const early = new EarlyFiles();
  const { transport } = over(early);
  early.receive({ type: "early", url: URL_A, part: "begin" });
  const { body } = await transport.get(URL_A, options());
  early.receive({ type: "early", url: URL_A, part: "failed" });
  await expect(new Response(body).text()).rejects.toThrow("could not fetch");
  expect(await new Response((await transport.get(URL_A, options())).body).text()).toBe("by the thread");
});

it("a fresh copy never comes from the page", async () => {
  const early = new EarlyFiles();
  const { transport, asked } = over(early);
  early.receive({ type: "early", url: URL_A, part: "begin" });
  await transport.get(URL_A, options(true));
  expect(asked).toEqual([URL_A]);
});

it("an abort ends the wait, and what still comes is thrown away", async () => {
  const early = new EarlyFiles();
  const { transport } = over(early);
  const abort = new AbortController();
  early.receive({ type: "early", url: URL_A, part: "begin" });
  const { body } = await transport.get(URL_A, options(false, abort.signal));
  abort.abort(new Error("enough"));
  await expect(new Response(body).text()).rejects.toThrow("enough");
  early.receive({ type: "early", url: URL_A, part: bytes("late") });
  early.receive({ type: "early", url: URL_A, part: "end" });
});

it("what nobody has asked for is forgotten", async () => {
  const early = new EarlyFiles();
  const { transport, asked } = over(early);
  early.receive({ type: "early", url: URL_A, part: "begin" });
  early.clear();
  early.receive({ type: "early", url: URL_A, part: bytes("late") });
  await transport.get(URL_A, options());
  expect(asked).toEqual([URL_A]);
});
