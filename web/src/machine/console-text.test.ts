import { describe, expect, it } from "vitest";
import { ConsoleText } from "./console-text.ts";

describe("ConsoleText", () => {
  it("joins pieces to lines and takes control sequences out", () => {
    const text = new ConsoleText();
    text.push("[  0.1] one\r\n[  0.2] \x1b[1;31mtw");
    expect(text.push("o\x1b[0m\r\nroot# ")).toBe("o\nroot# ");
    expect(text.lines).toEqual(["[  0.1] one", "[  0.2] two", "root# "]);
  });

  it("keeps the last 400 lines, none longer than 4000 characters", () => {
    const text = new ConsoleText();
    for (let i = 0; i < 1000; i++) text.push(`${i}\n`);
    text.push("x".repeat(9000));
    text.push("y".repeat(9000));
    expect(text.lines).toHaveLength(400);
    expect(text.lines[0]).toBe("601");
    expect(text.lines.at(-1)).toHaveLength(4000);
  });
});
