import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./process.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

type Json = { readonly [key: string]: unknown };

/** A line of the audit. */
export interface AuditLine {
  readonly event: string;
  readonly [key: string]: unknown;
}

/** The relay as an operator runs it: a process with a configuration file. */
export class TestRelay extends Child {
  readonly directory: string;
  port = 0;
  operationsPort = 0;

  private constructor(directory: string, env: Readonly<Record<string, string>>) {
    super(process.execPath, [MAIN, join(directory, "relay.json")], env);
    this.directory = directory;
  }

  /** Starts one on free ports; what `config` does not say is for anonymous clients that never reach a limit by chance. */
  static async start(config: Json = {}, env: Readonly<Record<string, string>> = {}): Promise<TestRelay> {
    const directory = mkdtempSync(join(tmpdir(), "warmboot-relay-"));
    writeFileSync(join(directory, "relay.json"), JSON.stringify(withDefaults(config)));
    const relay = new TestRelay(directory, env);
    const started = await relay.line((line) => line.includes('"relay-started"') && (JSON.parse(line) as AuditLine));
    relay.port = Number(started["port"]);
    relay.operationsPort = Number(started["operationsPort"]);
    return relay;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/wisp/`;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  audit(event: string): AuditLine[] {
    return this.lines.map((line) => JSON.parse(line) as AuditLine).filter((line) => line.event === event);
  }

  /** Waits for a line of the audit. */
  audited(event: string, matches: (line: AuditLine) => boolean = () => true): Promise<AuditLine> {
    return this.line((text) => {
      if (!text.startsWith("{")) return null;
      const line = JSON.parse(text) as AuditLine;
      return line.event === event && matches(line) && line;
    });
  }

  /** The sum of a metric over its labels that contain `labels`. */
  async metric(name: string, labels = ""): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.operationsPort}/metrics`)).text();
    const lines = text.split("\n").filter((line) => line.startsWith(`warmboot_relay_${name}`) && line.includes(labels));
    return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  }

  override async kill(): Promise<void> {
    await super.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const LIMITS = {
  connections: 10_000,
  streamsPerConnection: 4096,
  connectsPerMinute: 10_000_000,
  ticketsPerMinute: 100_000,
};

function withDefaults(config: Json): Json {
  const { limits, auth, listen, operations, ...rest } = config;
  return {
    listen: { port: 0, ...(listen as Json) },
    operations: operations === undefined ? { port: 0 } : operations,
    auth: auth ?? { anonymous: true },
    limits: {
      anonymous: LIMITS,
      subject: LIMITS,
      address: { sockets: 10_000, attemptsPerMinute: 1_000_000 },
      ...(limits as Json),
    },
    ...rest,
  };
}
