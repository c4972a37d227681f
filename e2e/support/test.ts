/** Playwright's `test` with a driver of the page, and the rule that no test may end with an error nobody expected. */
import { test as base } from "@playwright/test";
import { MachineDriver } from "./machine.ts";

export { expect } from "@playwright/test";

export const test = base.extend<{ machine: MachineDriver }>({
  machine: async ({ page }, use) => {
    const unexpected: string[] = [];
    page.on("pageerror", (error) => unexpected.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) unexpected.push(message.text());
    });
    await use(new MachineDriver(page));
    if (unexpected.length > 0) throw new Error(`The page had errors:\n${unexpected.join("\n")}`);
  },
});
