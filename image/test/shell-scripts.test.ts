import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { imageDir } from "../src/paths.ts";

/** All shell scripts under `image/`, known by their first line. */
const scripts = ["buildroot", "disk", "kernel", "rootfs", "sources"].flatMap((folder) =>
  readdirSync(imageDir + folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .filter((path) => /^#!\/bin\/(?:ba)?sh\n/.test(readFileSync(path, "latin1").slice(0, 20))),
);

it("there are as many as there should be", () => {
  expect(scripts.length).toBeGreaterThanOrEqual(12);
});

it.each(scripts)("%s can be parsed", (script) => {
  expect(() => execFileSync("sh", ["-n", script], { stdio: "pipe" })).not.toThrow();
});

// `npm test` installs it where it may; elsewhere this is shown as left out.
const found = spawnSync("shellcheck", ["--version"]).status === 0;
it.skipIf(!found)("shellcheck has nothing to say", () => {
  const { stdout, status } = spawnSync("shellcheck", scripts, { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});
