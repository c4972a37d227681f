/** The panel *Files*, and what the guest says of the same files. */
import type { Locator, Page } from "@playwright/test";
import { expect } from "@playwright/test";
import type { MachineDriver } from "./machine.ts";

export const list = (page: Page): Locator => page.getByRole("grid", { name: "Files" });

export const row = (page: Page, name: string): Locator =>
  list(page)
    .getByRole("row")
    .filter({ has: page.getByText(name, { exact: true }) });

export async function guest(machine: MachineDriver, command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.exec(command);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

/** What the guest says of a file's bytes; null while it is not there. */
export const digestOf = async (machine: MachineDriver, path: string): Promise<string | null> =>
  (await machine.exec(`sha256sum < '${path}'`)).stdout.split(" ")[0] || null;
