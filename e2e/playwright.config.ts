import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";
import { BROWSER_ARGS, findBrowser } from "./support/browser.ts";
import { freePort } from "./support/free-port.ts";

// Playwright reads this file again in each worker process: the first reading decides.
process.env["WARMBOOT_TEST_PORT"] ??= String(await freePort());
const port = process.env["WARMBOOT_TEST_PORT"];
const site = fileURLToPath(new URL("test-results/site", import.meta.url));

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results/artefacts",
  workers: 1,
  // run-all.ts says which test needed it, and fails when they are many.
  retries: 1,
  // A boot under emulation takes seconds on a quiet computer; these are bounds for a busy one, not measurements.
  timeout: 240_000,
  expect: { timeout: 90_000 },
  reporter: [["line"], ["json", { outputFile: "test-results/playwright.json" }]],
  use: {
    baseURL: `http://localhost:${port}/`,
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: findBrowser(), args: BROWSER_ARGS },
    screenshot: "only-on-failure",
    // WHY: it would fetch all of the image beside each test. The tests of it allow it.
    serviceWorkers: "block",
  },
  webServer: {
    // A build of its own: the one in web/dist may be built again while the tests run.
    command: `npx vite build -c ../vite.config.ts --outDir ${site} --logLevel error && node ../web/dist/server/main.js --site ${site} --port ${port}`,
    url: `http://localhost:${port}/`,
    timeout: 180_000,
    stdout: "ignore",
  },
});
