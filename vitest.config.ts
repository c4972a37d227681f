import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

// The session tests are one set of files, run twice: in Node and in Chromium.
const sessions = {
  include: ["runtime-sdk/test/*.test.ts"],
  globalSetup: ["runtime-sdk/test/support/global-setup.ts"],
  // Generous: an emulated machine on a busy computer. No test asserts how long something took.
  testTimeout: 180_000,
  hookTimeout: 180_000,
};

// Machines in Node or Chromium, our relay, and real servers behind it.
const network = (name: string, place: string, files: string) => ({
  test: {
    name: `network-${name}`,
    include: [`e2e/network/${files}.test.ts`],
    env: { WARMBOOT_PLACE: place },
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "runtime-sdk/src/**/*.test.ts",
            "image/test/**/*.test.ts",
            "web/**/*.test.ts",
            "proxy/src/**/*.test.ts",
            "e2e/*.test.ts",
            "e2e/bench/**/*.test.ts",
            "e2e/soak/**/*.test.ts",
            "e2e/crash/{judge,plan}.test.ts",
            "e2e/conformance/catalogue.test.ts",
            "e2e/conformance/foreign/*.test.ts",
          ],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: "node",
          ...sessions,
          include: [...sessions.include, "runtime-sdk/test/node/*.test.ts", "e2e/{conformance,crash}/*.node.test.ts"],
          fileParallelism: false,
        },
      },
      // They need the private network that proxy/test/lab/enter.sh makes: `npm test -w @warmboot/proxy`, docs/network.md.
      ...(process.env["WARMBOOT_LAB"]
        ? [
            {
              test: {
                name: "relay",
                include: ["proxy/test/*.test.ts"],
                testTimeout: 120_000,
                hookTimeout: 120_000,
                expect: { poll: { timeout: 30_000 } },
                fileParallelism: false,
              },
            },
            ...["node", "chromium"].map((place) => network(place, place, "*")),
            // Those of them that are a part of `npm test`: some two minutes.
            network("basics", "node", "{credentials,datagrams,endings,relay-lost}"),
          ]
        : []),
      {
        // The library is served as it was built: its worker and its WebAssembly are found beside its own files.
        optimizeDeps: {
          exclude: ["warmboot", "v86"],
          include: ["@noble/hashes/sha2.js", "@noble/hashes/utils.js", "idb-keyval", "pako"],
        },
        worker: { format: "es" },
        test: {
          name: "chromium",
          ...sessions,
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                ...(process.env["WARMBOOT_CHROMIUM"] && { executablePath: process.env["WARMBOOT_CHROMIUM"] }),
                args: [
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-quic",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                ],
              },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
