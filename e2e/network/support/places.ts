import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "@playwright/test";
import { BROWSER_ARGS, findBrowser } from "../../support/browser.ts";
import { serveStatic } from "../../support/static-server.ts";
import { Machine, type MachineSettings } from "../machine/machine.ts";
import type {} from "../machine/page-entry.ts";

/** Where machines run. */
export interface Place {
  boot(settings: MachineSettings): Promise<Machine>;
  /** Bytes of memory in use by what has the machines, their threads with it: in Node of the process, in Chromium of the page and its workers. */
  memory(): Promise<number>;
  close(): Promise<void>;
}

/** This process, or Chromium when `WARMBOOT_PLACE` is `chromium`. */
export function openPlace(): Promise<Place> {
  return process.env["WARMBOOT_PLACE"] === "chromium" ? chromiumPlace() : Promise.resolve(nodePlace);
}

const nodePlace: Place = {
  boot: Machine.boot,
  memory: async () => rssOf("self"),
  close: async () => {},
};

/** Only an isolated page may measure its memory. */
const ISOLATION = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "credentialless" };
/** Garbage is collected at once for it, and not at the next chance. */
const MEASURE_NOW = "--enable-blink-features=ForceEagerMeasureMemory";

declare global {
  interface Performance {
    /** https://wicg.github.io/performance-measure-memory/ */
    measureUserAgentSpecificMemory(): Promise<{ readonly bytes: number }>;
  }
}

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

async function chromiumPlace(): Promise<Place> {
  const mounts = {
    "/": at("e2e/network/page"),
    "/machine/": at("e2e/dist/network/machine"),
    "/warmboot/": at("runtime-sdk/dist/embed"),
  };
  const server = await serveStatic(mounts, ISOLATION);
  const browser = await chromium.launch({ executablePath: findBrowser(), args: [...BROWSER_ARGS, MEASURE_NOW] });
  const page = await browser.newPage();
  await page.goto(server.origin);
  await page.waitForFunction(() => window.networkTest !== undefined);
  return {
    boot: async (settings) => {
      const machine = await page.evaluate((values) => window.networkTest?.boot(values), settings);
      return machineInPage(page, Number(machine));
    },
    // WHY not of the process: a browser frees memory when it likes to, and 80 MB more or less say nothing.
    memory: () => page.evaluate(async () => (await performance.measureUserAgentSpecificMemory()).bytes),
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}

/** A machine of the page, to be used as if it were here. */
function machineInPage(page: Page, machine: number): Machine {
  const call = async (method: string, values: readonly unknown[]): Promise<unknown> => {
    const result = await page.evaluate(([index, name, given]) => window.networkTest?.call(index, name, given), [
      machine,
      method,
      values,
    ] as const);
    return method === "fork" ? machineInPage(page, Number(result)) : result;
  };
  return new Proxy({} as Machine, {
    // WHY: what has a `then` is taken for a promise.
    get: (_, method) => (method === "then" ? undefined : (...values: unknown[]) => call(String(method), values)),
  });
}

function rssOf(process: "self"): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${process}/status`, "utf8"))?.[1]) * 1024;
}
