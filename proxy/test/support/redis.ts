import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./process.ts";

/** Debian's redis-server, with nothing kept. */
export class TestRedis extends Child {
  readonly #directory: string;
  readonly port: number;

  private constructor(port: number, directory: string) {
    super("redis-server", [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--appendonly",
      "no",
      "--dir",
      directory,
    ]);
    this.#directory = directory;
    this.port = port;
  }

  static isInstalled(): boolean {
    return spawnSync("redis-server", ["--version"]).status === 0;
  }

  static async start(port: number): Promise<TestRedis> {
    const redis = new TestRedis(port, mkdtempSync(join(tmpdir(), "warmboot-relay-redis-")));
    await redis.line((line) => line.includes("eady to accept connections"));
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  override async kill(): Promise<void> {
    await super.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
