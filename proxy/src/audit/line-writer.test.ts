import { expect, it } from "vitest";
import { LineWriter } from "./line-writer.ts";

it("lines of one turn are written together, in their order, and none waits for the next", async () => {
  const written: string[] = [];
  const lines = new LineWriter((text) => written.push(text));
  lines.write("a\n");
  lines.write("b\n");
  expect(written).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toEqual(["a\nb\n"]);
  lines.write("c\n");
  lines.flush();
  expect(written).toEqual(["a\nb\n", "c\n"]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toHaveLength(2);
});
