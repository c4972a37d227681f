import { expect, it } from "vitest";
import { EventHub } from "./events.ts";

it("calls listeners until they are taken away", () => {
  const hub = new EventHub();
  const seen: string[] = [];
  const off = hub.on("console", (text) => seen.push(text));
  hub.emit("console", "a");
  off();
  off();
  hub.emit("console", "b");
  expect(seen).toEqual(["a"]);
});

it("treats the same function added twice as two listeners", () => {
  const hub = new EventHub();
  let calls = 0;
  const count = () => {
    calls++;
  };
  const off = hub.on("console", count);
  hub.on("console", count);
  off();
  hub.emit("console", "");
  expect(calls).toBe(1);
});
