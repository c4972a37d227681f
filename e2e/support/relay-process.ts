/** Our relay on this computer, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import { freePort } from "./free-port.ts";

const RELAY = fileURLToPath(new URL("../../proxy/dist/main.js", import.meta.url));
const SECRET = "a secret of these tests, which nobody else has";
const JWT = { issuer: "https://issuer.example", audience: "relay", algorithms: ["HS256"] };

/** A token that a relay with `wantsTokens` takes, or one of another issuer. */
export function relayToken(secret = SECRET): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(JWT.issuer)
    .setAudience(JWT.audience)
    .setSubject("a person")
    .setIssuedAt()
    .setExpirationTime("30m")
    .setJti("one")
    .sign(new TextEncoder().encode(secret));
}

export interface RelayRules {
  /** Pages that it takes. */
  readonly origins: readonly string[];
  readonly wantsTokens: boolean;
  /** A server of this computer that may be reached, and the name server that knows its name. */
  readonly server?: { readonly port: number; readonly nameServerPort: number };
}

export class RelayProcess {
  readonly #folder = mkdtempSync(join(tmpdir(), "warmboot-relay-"));
  readonly #process: ChildProcess;
  readonly #port: number;

  private constructor(port: number, operationsPort: number, { origins, wantsTokens, server }: RelayRules) {
    this.#port = port;
    const config = join(this.#folder, "relay.json");
    const auth = wantsTokens ? { jwt: { ...JWT, secret: SECRET, maxAgeSeconds: 3600 } } : { anonymous: true };
    const host = "127.0.0.1";
    const listen = { host, port };
    const opened = server && {
      policy: { allowAddresses: [{ range: host, ports: [server.port], loopback: true }] },
      dns: { servers: [`${host}:${server.nameServerPort}`] },
    };
    const operations = { host, port: operationsPort };
    writeFileSync(config, JSON.stringify({ listen, operations, origins, auth, ...opened }));
    this.#process = spawn(process.execPath, [RELAY, config], { stdio: ["ignore", "ignore", "inherit"] });
  }

  /** Starts one and waits until it listens. */
  static async start(rules: RelayRules): Promise<RelayProcess> {
    const relay = new RelayProcess(await freePort(), await freePort(), rules);
    while (!(await fetch(`http://localhost:${relay.#port}/`).catch(() => null))) {
      if (relay.#process.exitCode !== null) throw new Error("the relay has ended");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return relay;
  }

  get address(): string {
    return `wisp://localhost:${this.#port}/`;
  }

  async end(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once("exit", resolve));
      this.#process.kill("SIGKILL");
      await ended;
    }
    rmSync(this.#folder, { recursive: true });
  }
}
