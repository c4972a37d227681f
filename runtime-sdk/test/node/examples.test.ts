/** Runs the examples of docs/ that are programs, as a reader would. Those that are pages are run in e2e/. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, inject, it } from "vitest";

const folder = fileURLToPath(new URL("../../../docs/examples/", import.meta.url));

/** What each prints; the numbers are computed in the guest. */
const EXAMPLES: Readonly<Record<string, string>> = {
  "run-command.mjs": '3 "42\\n" "no such thing\\n"\n100\nhello from user in /tmp\n\n',
  "streamed-build.mjs":
    "seq 1 20 > numbers.txt\nawk '{ print $1 * $1 }' numbers.txt > squares.txt\nsum of 20 squares: 2870\nmake exited with 0\n",
};

it("every program of docs/examples is run here", () => {
  expect(readdirSync(folder).filter((file) => file.endsWith(".mjs"))).toEqual(Object.keys(EXAMPLES).sort());
});

it.each(Object.entries(EXAMPLES))("%s prints what its guest computed", async (file, printed) => {
  const image = `${inject("imageServer")}/plain/default/image.json`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [folder + file, image]);
  expect(stderr).toBe("");
  expect(stdout).toBe(printed);
});
