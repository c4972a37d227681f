import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, inject, it } from "vitest";

const program = fileURLToPath(new URL("../../bin/warmboot.mjs", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "warmboot-cli-"));
afterAll(() => rmSync(home, { recursive: true }));

function warmboot(args: string[], input: Uint8Array = new Uint8Array(0)) {
  const env = {
    ...process.env,
    XDG_DATA_HOME: home,
    WARMBOOT_IMAGE: `${inject("imageServer")}/plain/default/image.json`,
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    env,
    input,
    maxBuffer: 2 ** 28,
    timeout: 150_000,
  });
  return { status, stdout, text: stdout.toString(), stderr: stderr.toString() };
}

it("a machine with a name goes on with the next command, and is listed, exported and imported", () => {
  expect(warmboot(["machines"])).toMatchObject({ status: 0, text: "" });
  const first = warmboot(["run", "--machine", "a", "--", "sh", "-c", "echo $((6*7)) > /run/x; exit 3"]);
  expect(first).toMatchObject({ status: 3, stderr: "" });
  expect(warmboot(["run", "--machine", "a", "--", "cat", "/run/x"]).text).toBe("42\n");
  expect(warmboot(["machines"]).text).toMatch(/^a\t\d{7,}\t20\d\d-[\dT:.-]+Z\n$/);
  const file = warmboot(["export", "a"]);
  expect([file.status, file.stderr]).toEqual([0, ""]);
  expect(warmboot(["import"], file.stdout)).toMatchObject({ status: 125, stderr: expect.stringContaining('"a"') });
  expect(warmboot(["import", "b"], file.stdout)).toMatchObject({ status: 0, text: "b\n" });
  expect(warmboot(["run", "--machine", "b", "--", "cat", "/run/x"]).text).toBe("42\n");
  const cut = warmboot(["import", "c"], file.stdout.subarray(0, 100_000));
  expect(cut).toMatchObject({ status: 125, stderr: expect.stringContaining("it ends in") });
  expect(warmboot(["export", "c"])).toMatchObject({
    status: 125,
    stderr: expect.stringContaining('no saved machine "c"'),
  });
  expect(
    warmboot(["machines"])
      .text.split("\n")
      .map((line) => line.split("\t")[0])
      .sort(),
  ).toEqual(["", "a", "b"]);
});
