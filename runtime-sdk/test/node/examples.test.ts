/** Runs the examples of docs/ that are programs, as a reader would. Those that are pages are run in e2e/. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, inject, it } from "vitest";

const folder = fileURLToPath(new URL("../../../docs/examples/", import.meta.url));

/** What each prints; the numbers are computed in the guest. */
const EXAMPLES: Readonly<Record<string, string>> = {
  "files.mjs": "arrived whole 100000\ncame back whole\n",
  "own-image.mjs": "42 on i686\n",
  "run-command.mjs": '3 "42\\n" "no such thing\\n"\n100\nhello from user in /tmp\n\n',
  "streamed-build.mjs":
    "seq 1 20 > numbers.txt\nawk '{ print $1 * $1 }' numbers.txt > squares.txt\nsum of 20 squares: 2870\nmake exited with 0\n",
};

it("every program of docs/examples is run here", () => {
  expect(readdirSync(folder).filter((file) => file.endsWith(".mjs"))).toEqual(Object.keys(EXAMPLES).sort());
});

/** The image that an example is given: the default one, or its kernel and its disk as a person's own. */
async function imageFor(file: string): Promise<string[]> {
  const address = `${inject("imageServer")}/plain/default/`;
  if (file !== "own-image.mjs") return [`${address}image.json`];
  const { kernel } = (await (await fetch(`${address}image.json`)).json()) as { kernel: { file: string } };
  return [address + kernel.file, `${inject("imageServer")}/disk/default`];
}

it.each(Object.entries(EXAMPLES))("%s prints what its guest computed", async (file, printed) => {
  const args = [folder + file, ...(await imageFor(file))];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect(stderr).toBe("");
  expect(stdout).toBe(printed);
});
