import type { Browser, CDPSession } from "@playwright/test";

interface Reply {
  readonly id?: number;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/**
 * A tab as a person has it: hidden when another is in front of it, with its timers held back. WHY not Playwright's: it has all of its pages believe that they
 * are seen. The browser must have been started so that it holds back what is hidden.
 */
export class BackgroundTab {
  readonly #browser: CDPSession;
  readonly #context: string;
  readonly #session: string;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #last = 0;

  private constructor(browser: CDPSession, context: string, session: string) {
    this.#browser = browser;
    this.#context = context;
    this.#session = session;
    browser.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
      if (sessionId !== session) return;
      const reply: Reply = JSON.parse(message);
      if (reply.id !== undefined) this.#waiting.get(reply.id)?.(reply);
    });
  }

  /** `script` runs in the page before its own. */
  static async open(browser: Browser, url: string, script: string): Promise<BackgroundTab> {
    const session = await browser.newBrowserCDPSession();
    const { browserContextId } = await session.send("Target.createBrowserContext");
    const { targetId } = await session.send("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await session.send("Target.attachToTarget", { targetId });
    const tab = new BackgroundTab(session, browserContextId, sessionId);
    await tab.#send("Page.enable", {});
    await tab.#send("Page.addScriptToEvaluateOnNewDocument", { source: script });
    await tab.#send("Page.navigate", { url });
    return tab;
  }

  /** What an expression comes to, in JSON. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.#send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    return result?.result?.value;
  }

  async until(condition: string): Promise<void> {
    while ((await this.evaluate(condition)) !== true) await new Promise((resolve) => setTimeout(resolve, 200));
  }

  /** Puts an empty tab in front of it. */
  async hide(): Promise<void> {
    await this.#browser.send("Target.createTarget", { url: "about:blank", browserContextId: this.#context });
    await this.until("document.hidden");
  }

  async close(): Promise<void> {
    await this.#browser.send("Target.disposeBrowserContext", { browserContextId: this.#context });
    await this.#browser.detach();
  }

  async #send(method: string, params: object): Promise<Reply> {
    const id = ++this.#last;
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    const message = JSON.stringify({ id, method, params });
    await this.#browser.send("Target.sendMessageToTarget", { sessionId: this.#session, message });
    return reply.finally(() => this.#waiting.delete(id));
  }
}
