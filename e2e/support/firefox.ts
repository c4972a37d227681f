/** Finds and drives Firefox: any that a system has, which Playwright cannot, by WebDriver BiDi. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
// The type of window.warmboot.
import type {} from "@warmboot/web/page-api";
import { type Browser, launch, type Page } from "puppeteer-core";

const NAMES = ["firefox", "firefox-esr"];
/** Bounds for a busy computer, not measurements. */
const TIMEOUT_MS = 150_000;
const POLL_MS = 100;

/** Path of a Firefox: WARMBOOT_FIREFOX, or one on PATH; `null`: there is none. */
export function findFirefox(): string | null {
  const given = process.env["WARMBOOT_FIREFOX"];
  if (given) return given;
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

export function launchFirefox(executablePath: string): Promise<Browser> {
  return launch({ browser: "firefox", executablePath, headless: true });
}

/** Waits until the shown terminal has a shell that has prompted. */
export async function waitForPrompt(page: Page): Promise<void> {
  const ready = () => {
    const terminal = window.warmboot?.activeTerminal;
    if (!terminal?.process || window.warmboot?.session?.state !== "running") return false;
    const { active } = terminal.term.buffer;
    const line = active.getLine(active.baseY + active.cursorY);
    return /[#$] $/.test(line?.translateToString(false, 0, active.cursorX) ?? "");
  };
  await page.waitForFunction(ready, { polling: POLL_MS, timeout: TIMEOUT_MS });
}

/** Types a line into the shown terminal, and waits for a line of just this text, which is not on it yet. */
export async function enter(page: Page, line: string, answer: string): Promise<void> {
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
  const isThere = (wanted: string) => {
    const buffer = window.warmboot?.activeTerminal?.term.buffer.active;
    const lines = Array.from({ length: buffer?.length ?? 0 }, (_, y) => buffer?.getLine(y)?.translateToString(true));
    return lines.includes(wanted);
  };
  await page.waitForFunction(isThere, { polling: POLL_MS, timeout: TIMEOUT_MS }, answer);
}
