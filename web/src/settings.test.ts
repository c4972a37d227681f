import { expect, it, vi } from "vitest";

// What the module listens to and keeps in: there is no browser here.
vi.stubGlobal("addEventListener", () => {});
const { DEFAULT_SETTINGS, readSettings } = await import("./settings.ts");

it.each([null, undefined, 7, "screen-reader", []])("%j has no settings: they are as they are by default", (data) => {
  expect(readSettings(data)).toEqual(DEFAULT_SETTINGS);
});

it("takes what is one, and nothing else", () => {
  const data = {
    theme: "contrast",
    fontSize: 18,
    fontFamily: "Fira Code",
    scrollback: 100_001,
    bell: "loud",
    screenReader: "yes",
    copyOnSelect: true,
    other: 1,
  };
  expect(readSettings(data)).toEqual({
    ...DEFAULT_SETTINGS,
    theme: "contrast",
    fontSize: 18,
    fontFamily: "Fira Code",
    copyOnSelect: true,
  });
});

it.each([7, 41, 12.5, "14", Number.NaN])("%j is no size of a font", (fontSize) => {
  expect(readSettings({ fontSize }).fontSize).toBe(14);
});
