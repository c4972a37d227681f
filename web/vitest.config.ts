import { defineConfig } from "vitest/config";

// What of the page needs no browser; the rest is tested in one, by e2e/.
export default defineConfig({ test: { name: "web", include: ["src/**/*.test.ts"] } });
