/** Drives the page as a person does, and reads its terminals through xterm.js's buffer. */
import { expect, type Locator, type Page, type Worker } from "@playwright/test";
// The type of window.warmboot.
import type {} from "@warmboot/web/page-api";

export interface GuestResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Enough for what the tests look for; reading all of the scrollback would keep the page's thread busy. */
const MOST_LINES = 200;

/** Runs in the page. */
function readLines(most: number): string[] {
  const buffer = window.warmboot?.activeTerminal?.term.buffer.active;
  const lines: string[] = [];
  const end = buffer ? buffer.baseY + buffer.cursorY + 1 : 0;
  for (let y = Math.max(0, end - most); buffer && y < end; y++) {
    const line = buffer.getLine(y);
    const text = line?.translateToString(true) ?? "";
    if (line?.isWrapped && lines.length > 0) lines[lines.length - 1] += text;
    else lines.push(text);
  }
  return lines;
}

export class MachineDriver {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the page and waits for the first shell's prompt. */
  async boot(query = ""): Promise<void> {
    await this.page.goto(`./${query}`);
    await this.prompt();
  }

  /** Waits until the shown terminal has a shell that has prompted. */
  async prompt(): Promise<void> {
    const ready = () => {
      const terminal = window.warmboot?.activeTerminal;
      if (!terminal?.process || window.warmboot?.session?.state !== "running") return false;
      const { active } = terminal.term.buffer;
      return /[#$] $/.test(
        active.getLine(active.baseY + active.cursorY)?.translateToString(false, 0, active.cursorX) ?? "",
      );
    };
    await this.page.waitForFunction(ready, undefined, { polling: 50, timeout: 150_000 });
  }

  /** Types a line into the shown terminal, key by key. */
  async enter(line: string): Promise<void> {
    await this.page.keyboard.type(line);
    await this.page.keyboard.press("Enter");
  }

  /** The shown terminal's last lines, wrapped ones joined. */
  lines(): Promise<string[]> {
    return this.page.evaluate(readLines, MOST_LINES);
  }

  /** Waits for a line that matches and returns the match. What is typed is on a line with the prompt, so anchor the pattern. */
  async line(pattern: RegExp, timeout = 60_000): Promise<RegExpExecArray> {
    const end = performance.now() + timeout;
    for (;;) {
      const lines = await this.lines();
      for (const line of lines) {
        const found = pattern.exec(line);
        if (found) return found;
      }
      if (performance.now() > end)
        throw new Error(`no line like ${pattern}; the last are:\n${lines.slice(-15).join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Threads of machines. Each has a worker of the emulator's own inside, which is not counted. */
  workers(): Worker[] {
    return this.page.workers().filter((worker) => !worker.url().startsWith("blob:"));
  }

  /** Runs a command beside the terminals. */
  exec(command: string): Promise<GuestResult> {
    return this.page.evaluate(async (text) => {
      const result = await window.warmboot?.session?.exec(text, { timeoutMs: 60_000 });
      if (!result) throw new Error("no session");
      const { exitCode, stdout, stderr } = result;
      return { exitCode, stdout, stderr };
    }, command);
  }

  /** Opens a panel by its title, on a wide page or a narrow one, and returns it. */
  async panel(title: string): Promise<Locator> {
    const all = this.page.getByRole("button", { name: "Panels", exact: true });
    if (await all.isVisible()) await all.click();
    const panel = this.page.locator("#side");
    const heading = panel.getByRole("heading", { name: title, exact: true });
    if (!(await heading.isVisible()))
      await this.page.getByRole("button", { name: title, exact: true }).filter({ visible: true }).click();
    await heading.waitFor();
    return panel;
  }

  /** Deletes the machine and has another in its place. */
  async startOver(): Promise<void> {
    const panel = await this.panel("Machines");
    await panel.getByRole("button", { name: "Start over" }).click();
    await this.page.locator("dialog").getByRole("button", { name: "Start over" }).click();
  }

  /** Waits until the machine says failed, and returns the text of the page about it. */
  async failure(code: string): Promise<string> {
    const page = this.page.locator(`.failure[data-code="${code}"]`);
    await page.waitFor({ timeout: 180_000 });
    await expect(this.page.locator("#status")).toHaveText("failed");
    return (await page.textContent()) ?? "";
  }
}
