import { expect, it } from "vitest";
import { savesData } from "./saves-data.ts";

it.each([
  [undefined, false],
  [{ saveData: false, type: "wifi", effectiveType: "4g" }, false],
  [{ saveData: true, effectiveType: "4g" }, true],
  [{ type: "cellular", effectiveType: "4g" }, true],
  [{ effectiveType: "2g" }, true],
])("a connection that says %j is spared: %s", (connection, expected) => {
  expect(savesData(connection)).toBe(expected);
});
