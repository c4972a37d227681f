/** `node dist/main.js [CONFIG] [--check-config | --print-config]`: the relay as a service. */
import { parseArgs } from "node:util";
import { LineWriter } from "./audit/line-writer.ts";
import { SharedRevocations } from "./auth/revocations.ts";
import { ConfigError } from "./config/errors.ts";
import { loadConfig, printable } from "./config/load.ts";
import type { Config } from "./config/schema.ts";
import { openRedis } from "./limits/redis.ts";
import { Relay } from "./relay.ts";

const USAGE = `Usage: node dist/main.js [CONFIG.json] [OPTION]
  --check-config           say whether the configuration is usable, and stop
  --print-config           print it with its defaults and without its secrets, and stop
  --revoke-subject NAME    take back the access of a subject, in Redis, and stop
  --revoke-token JTI       take back one token, in Redis, and stop
  --revoke-seconds N       for how long, which should be what tokens live for (default: auth.jwt.maxAgeSeconds)`;

const EXIT = { OK: 0, FAILED: 1, USAGE: 2 } as const;

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        "check-config": { type: "boolean", default: false },
        "print-config": { type: "boolean", default: false },
        "revoke-subject": { type: "string" },
        "revoke-token": { type: "string" },
        "revoke-seconds": { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return null;
  }
}

async function main(): Promise<number | null> {
  const args = readArguments();
  if (!args || args.positionals.length > 1 || args.values.help) {
    console.error(USAGE);
    return args?.values.help ? EXIT.OK : EXIT.USAGE;
  }
  const config = loadConfig(args.positionals[0] ?? null, process.env);
  if (args.values["print-config"]) console.log(JSON.stringify(printable(config), null, 2));
  if (args.values["check-config"]) console.log("The configuration is usable.");
  if (args.values["print-config"] || args.values["check-config"]) return EXIT.OK;
  const { "revoke-subject": subject, "revoke-token": token, "revoke-seconds": seconds } = args.values;
  if (subject !== undefined || token !== undefined) return await revoke(config, subject, token, Number(seconds));
  await serve(config);
  return null;
}

async function revoke(
  config: Config,
  subject: string | undefined,
  token: string | undefined,
  seconds: number,
): Promise<number> {
  if (config.redis?.url === undefined)
    throw new ConfigError(["redis: is needed to tell running relays; or list it in auth.revocationsFile"]);
  const redis = openRedis(config.redis.url, () => {});
  try {
    await redis.connect();
    const revocations = new SharedRevocations(redis, config.redis.prefix);
    const forSeconds = seconds > 0 ? seconds : (config.auth.jwt?.maxAgeSeconds ?? 86_400);
    if (subject !== undefined) await revocations.revoke("subject", subject, forSeconds);
    if (token !== undefined) await revocations.revoke("token", token, forSeconds);
  } finally {
    redis.disconnect();
  }
  return EXIT.OK;
}

async function serve(config: Config): Promise<void> {
  const lines = new LineWriter((text) => process.stdout.write(text));
  process.on("exit", () => lines.flush());
  const relay = new Relay(config, (line) => lines.write(line));
  const stop = () => void relay.drain().then(() => process.exit(EXIT.OK));
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("SIGHUP", () => relay.reload());
  await relay.start();
}

try {
  const code = await main();
  if (code !== null) process.exitCode = code;
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : `The relay cannot start: ${String(error)}`);
  process.exitCode = EXIT.FAILED;
}
