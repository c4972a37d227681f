import { expect, it } from "vitest";
import { framedHeaders, framedPolicy } from "./policy.ts";

const HASH = "sha256-AAAA";

it.each([
  ["frame-ancestors 'none'; img-src 'self'", "img-src 'self'"],
  ["script-src 'self'", `script-src 'self' '${HASH}'`],
  ["default-src 'self'; img-src *", `default-src 'self' '${HASH}'; img-src *`],
  ["script-src 'none'", `script-src '${HASH}'`],
  ["script-src 'self'; script-src-elem 'nonce-1'", `script-src 'self'; script-src-elem 'nonce-1' '${HASH}'`],
  ["script-src 'nonce-1' 'unsafe-inline'", `script-src 'nonce-1' 'unsafe-inline' '${HASH}'`],
  ["script-src 'self' 'unsafe-inline'", "script-src 'self' 'unsafe-inline'"],
  ["img-src 'self'", "img-src 'self'"],
  ["script-src 'self', script-src a.example", `script-src 'self' '${HASH}', script-src a.example '${HASH}'`],
])("%s goes on holding, but for frames and our script", (policy, expected) => {
  expect(framedPolicy(policy, HASH)).toBe(expected);
});

it("only the site may show the document, whatever the server says of it", () => {
  const headers = framedHeaders(
    [
      ["x-frame-options", "DENY"],
      ["clear-site-data", '"*"'],
      ["content-length", "5"],
      ["x-own", "1"],
    ],
    { site: "https://site.example", scriptHash: HASH },
  );
  expect([...headers.keys()].sort()).toEqual(["content-security-policy", "origin-agent-cluster", "x-own"]);
  expect(headers.get("content-security-policy")).toBe("frame-ancestors https://site.example 'self'");
});
