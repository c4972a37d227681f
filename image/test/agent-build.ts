import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const agentDir = fileURLToPath(new URL("../agent", import.meta.url));

/** Builds a target of `image/agent/Makefile` for this computer, with sanitizers; it is removed after the file's tests. */
export function buildNative(target: "native" | "driver"): string {
  for (const tool of ["gcc", "make"]) {
    try {
      execFileSync(tool, ["--version"], { stdio: "ignore" });
    } catch (cause) {
      throw new Error(`The agent's tests build it for this computer and need ${tool}: apt install gcc make libc6-dev`, {
        cause,
      });
    }
  }
  const dir = mkdtempSync(join(tmpdir(), "warmboot-agent-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  execFileSync("make", ["-s", "-C", agentDir, target, `OUT=${dir}/${target}`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return `${dir}/${target}`;
}

/** A small generator with a seed, so that a failure can be repeated: whole numbers from 0 to `below - 1`. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export function randomBytes(below: (n: number) => number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i++) bytes[i] = below(256);
  return bytes;
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
