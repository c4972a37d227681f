import type { Page } from "@playwright/test";
import type {} from "@warmboot/web/page-api";
import type {} from "../plain/boot-page.ts";

/**
 * To be added to our page before it loads: types the first command when the shell has prompted, and notes in `firstAnswerMs` when the
 * terminal shows the answer.
 */
export async function watchFirstAnswer(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const waiting = setInterval(() => {
      const term = window.warmboot?.activeTerminal?.term;
      if (!term) return;
      clearInterval(waiting);
      let typed = false;
      term.onWriteParsed(() => {
        const { active } = term.buffer;
        const cursorLine = active.baseY + active.cursorY;
        const line = (y: number) => active.getLine(y)?.translateToString(true) ?? "";
        if (!typed && /[#$] ?$/.test(line(cursorLine))) {
          typed = true;
          term.input("echo $((6*7))\r");
        }
        for (let y = 0; typed && y <= cursorLine; y++) if (line(y) === "42") window.firstAnswerMs ??= performance.now();
      });
    }, 5);
  });
}
