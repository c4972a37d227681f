import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imageDir } from "../src/paths.ts";

describe("check-fragment.sh", () => {
  let work: string;
  beforeEach(() => {
    work = mkdtempSync(`${tmpdir()}/warmboot-fragment-`);
  });
  afterEach(() => rmSync(work, { recursive: true }));

  function check(fragment: string, config: string): string {
    writeFileSync(`${work}/fragment`, fragment);
    writeFileSync(`${work}/config`, config);
    try {
      execFileSync("sh", [`${imageDir}kernel/check-fragment.sh`, `${work}/fragment`, `${work}/config`], {
        stdio: "pipe",
      });
      return "";
    } catch (error) {
      return String((error as { stderr: Buffer }).stderr);
    }
  }

  it("accepts a config in which each line is in effect", () => {
    expect(check("# a comment\nCONFIG_A=y\nCONFIG_B=n\n", "CONFIG_A=y\n# CONFIG_B is not set\n")).toBe("");
  });

  it("names every symbol that Kconfig dropped or changed", () => {
    const message = check("CONFIG_A=y\nCONFIG_B=n\nCONFIG_C=4\n", "CONFIG_B=y\nCONFIG_C=8\n");
    expect(message).toContain("CONFIG_A=y is not in effect, the kernel has CONFIG_A=n");
    expect(message).toContain("CONFIG_B=n is not in effect, the kernel has CONFIG_B=y");
    expect(message).toContain("CONFIG_C=4 is not in effect, the kernel has CONFIG_C=8");
  });
});
