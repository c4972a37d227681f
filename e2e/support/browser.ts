/** Finds a browser for the tests; Playwright's own download is not needed. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The container has no GPU and no setuid sandbox; the browser must not use the network on its own account. */
export const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Path of a Chromium: WARMBOOT_CHROMIUM, Playwright's own, one on PATH, or Debian's, installed now. */
export function findBrowser(): string {
  const given = process.env["WARMBOOT_CHROMIUM"];
  if (given) {
    if (existsSync(given)) return given;
    throw new Error(`WARMBOOT_CHROMIUM is ${given}, which does not exist.`);
  }
  const own = chromium.executablePath();
  if (own && existsSync(own)) return own;
  const found = onPath() ?? (installFromDebian() ? onPath() : null);
  if (found) return found;
  throw new Error(
    "No browser for the tests. Install Chromium (Debian: `apt-get install chromium`; elsewhere: `npx playwright install chromium`) " +
      "or set WARMBOOT_CHROMIUM to the path of one.",
  );
}

function onPath(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  for (const name of NAMES) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (existsSync(path)) return path;
    }
  }
  return null;
}

/** True when it was installed. Only where it can be without asking: Debian, as root. */
function installFromDebian(): boolean {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  console.error("No browser found: installing Debian's chromium.");
  try {
    execFileSync("apt-get", ["update"], { stdio: ["ignore", "ignore", "inherit"] });
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    return true;
  } catch {
    return false;
  }
}
