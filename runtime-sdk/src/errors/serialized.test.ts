import { expect, it } from "vitest";
import {
  ArtefactDamagedError,
  ArtefactMissingError,
  EmulatorCrashedError,
  InvalidOptionError,
  OutOfMemoryError,
  reviveError,
  serializeError,
  type WarmbootError,
  WasmUnavailableError,
} from "./index.ts";

const errors: WarmbootError[] = [
  new ArtefactMissingError("a.bin", 404, new Error("why")),
  new ArtefactMissingError("a.bin", null),
  new ArtefactDamagedError("a.bin", "x", "y"),
  new InvalidOptionError("memoryMb", "too small"),
  new OutOfMemoryError(2047, new Error("why")),
  new WasmUnavailableError(),
];

it.each(errors.map((error) => [error.code, error] as const))("%s crosses threads whole", (_code, error) => {
  const revived = reviveError(structuredClone(serializeError(error)));
  expect(revived).toBeInstanceOf(error.constructor);
  expect({ ...revived, message: revived.message }).toEqual({ ...error, message: error.message });
});

it("anything else is a crash that names it", () => {
  const revived = reviveError(structuredClone(serializeError(new TypeError("x is not a function"))));
  expect(revived).toBeInstanceOf(EmulatorCrashedError);
  expect(revived.message).toContain("TypeError: x is not a function");
  expect(reviveError(structuredClone(serializeError("text"))).message).toContain("text");
});
