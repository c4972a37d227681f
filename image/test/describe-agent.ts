import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { buildNative } from "./agent-build.ts";
import { AgentClient } from "./agent-client.ts";

/** What a test has: an agent that has just started, and an empty folder. */
export interface AgentPlace {
  readonly agent: AgentClient;
  readonly dir: string;
}

/** The i686 program; its own kind of processor runs here too. */
const prebuilt = process.env["WARMBOOT_AGENT"] ?? fileURLToPath(new URL("../prebuilt/warmboot-agent", import.meta.url));

/** Size of the tests' terminals. */
export const PTY = { cols: 97, rows: 31 };

/** Tests of the agent: as it is built here, with sanitizers, and as the image has it. Each ends with an agent that has ended well and said nothing. */
export function describeAgent(what: string, tests: (at: AgentPlace) => void): void {
  const programs: [string, string][] = [["built here with sanitizers", buildNative("native")]];
  if (existsSync(prebuilt) && process.arch === "x64") programs.push(["of the image", prebuilt]);
  describe.each(programs)(`the agent %s ${what}`, (_name, program) => {
    let agent: AgentClient;
    let dir: string;
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), "warmboot-agent-test-"));
      agent = new AgentClient(program);
    });
    afterEach(async () => {
      const status = await agent.close();
      rmSync(dir, { recursive: true, force: true });
      expect(agent.stderr).toBe("");
      expect(status).toBe(0);
    });
    tests({
      get agent() {
        return agent;
      },
      get dir() {
        return dir;
      },
    });
  });
}
