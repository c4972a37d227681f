import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const script = (name: string) => readFileSync(new URL(`../../dist/embed/${name}`, import.meta.url), "utf8");

it("the script for pages does not bring the emulator along, which belongs in the worker", () => {
  expect(gzipSync(script("warmboot.js")).byteLength).toBeLessThan(56 * 1024);
  expect(gzipSync(script("worker.js")).byteLength).toBeGreaterThan(64 * 1024);
});

it("the element's script takes the library from the one beside it", () => {
  expect(script("element.js")).toMatch(/from\s*"\.\/warmboot\.js"/);
  expect(gzipSync(script("element.js")).byteLength).toBeLessThan(120 * 1024);
});
