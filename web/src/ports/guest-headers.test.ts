import { expect, it, vi } from "vitest";
import { guestHeaders, passedHeaders, readRequest, unpacked } from "./guest-headers.ts";

vi.stubGlobal("navigator", { userAgent: "a browser", languages: ["de"] });

const REQUEST = {
  method: "GET",
  path: "/a",
  headers: [["x-own", "1"]],
  origin: null,
  referrer: "",
  documentPath: "/",
} as const;

it("takes a request, and nothing that is none", () => {
  expect(readRequest(REQUEST)).toEqual(REQUEST);
  for (const wrong of [
    null,
    { ...REQUEST, path: "http://elsewhere/" },
    { ...REQUEST, path: 5 },
    { ...REQUEST, method: undefined },
    { ...REQUEST, headers: "x" },
    { ...REQUEST, headers: Array.from({ length: 101 }, () => ["a", "b"]) },
    { ...REQUEST, headers: [["a", "x".repeat(70_000)]] },
  ])
    expect(readRequest(wrong)).toBe(null);
});

it("a page says neither where it comes from nor what its cookies are; the rest is its own", () => {
  const headers = guestHeaders(
    {
      ...REQUEST,
      headers: [
        ["x-own", "1"],
        ["cookie", "forged=1"],
        ["host", "forged"],
        ["origin", "http://forged"],
        ["transfer-encoding", "chunked"],
      ],
      origin: "http://localhost:8000",
      referrer: "http://localhost:8000/b",
    },
    8000,
    "real=1",
  );
  expect(Object.fromEntries(headers)).toMatchObject({
    "x-own": "1",
    cookie: "real=1",
    origin: "http://localhost:8000",
    referer: "http://localhost:8000/b",
    "accept-encoding": "identity",
    "sec-fetch-site": "same-origin",
  });
  expect([headers.has("host"), headers.has("transfer-encoding")]).toEqual([false, false]);
  expect(guestHeaders({ ...REQUEST, origin: "null" }, 8000, "").get("sec-fetch-site")).toBe("cross-site");
});

it("an answer loses what was about its connection, and is unpacked", async () => {
  const body = new Blob(["text"]).stream().pipeThrough(new CompressionStream("gzip"));
  const headers = new Headers({
    "content-encoding": "gzip",
    "content-length": "24",
    connection: "close",
    "x-own": "1",
  });
  expect(await new Response(unpacked(body, headers)).text()).toBe("text");
  expect(passedHeaders(headers)).toEqual([["x-own", "1"]]);
});
