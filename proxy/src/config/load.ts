import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { parseKeys } from "../auth/keys.ts";
import { parseRevocations } from "../auth/revocations.ts";
import { withEnvironment } from "./environment.ts";
import { ConfigError } from "./errors.ts";
import { type Config, isCertificate, schema } from "./schema.ts";

/** Checks a configuration and fills its defaults in. @throws ConfigError that names every key that is wrong */
export function parseConfig(value: unknown): Config {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map((issue) => `${issue.path.join(".") || "(the whole)"}: ${issue.message}`),
  );
}

/**
 * Reads the file, puts the environment over it, and checks it all, with the files that it names.
 * @param file `null`: only the environment counts
 * @throws ConfigError
 */
export function loadConfig(file: string | null, environment: Readonly<Record<string, string | undefined>>): Config {
  const config = parseConfig(withEnvironment(file === null ? {} : readJson(file), environment));
  const base = file === null ? process.cwd() : dirname(resolve(file));
  return withFiles(config, base);
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError([`${file}: cannot be read: ${(error as NodeJS.ErrnoException).code}`]);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError([`${file}: is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** Makes the paths absolute, reads the secrets, and checks what is named. */
function withFiles(config: Config, base: string): Config {
  const { tls } = config.listen;
  const { jwt } = config.auth;
  const absolute = (path: string) => resolve(base, path);
  const { revocationsFile } = config.auth;
  const checkedTls = tls && { certFile: absolute(tls.certFile), keyFile: absolute(tls.keyFile) };
  if (checkedTls) checkCertificate(checkedTls);
  if (jwt?.keysFile) checkFile("auth.jwt.keysFile", absolute(jwt.keysFile), "is not a JWKS", parseKeys);
  if (revocationsFile)
    checkFile("auth.revocationsFile", absolute(revocationsFile), "is not a list of revocations", parseRevocations);
  const merged = {
    ...config,
    listen: { ...config.listen, ...(checkedTls && { tls: checkedTls }) },
    auth: {
      ...config.auth,
      ...(revocationsFile && { revocationsFile: absolute(revocationsFile) }),
      ...(jwt && {
        jwt: {
          ...withSecret(jwt, "secret", "auth.jwt", base),
          ...(jwt.keysFile && { keysFile: absolute(jwt.keysFile) }),
        },
      }),
    },
    tickets: withSecret(config.tickets, "secret", "tickets", base),
    ...(config.redis && { redis: withSecret(config.redis, "url", "redis", base) }),
  };
  return parseConfig(merged);
}

function checkCertificate({ certFile, keyFile }: { certFile: string; keyFile: string }): void {
  const cert = readKey(certFile, "listen.tls.certFile");
  if (!isCertificate(cert)) throw new ConfigError([`listen.tls.certFile: ${certFile} holds no certificate in PEM`]);
  checkFile("listen.tls.keyFile", keyFile, "is not the certificate's key", (key) => createSecureContext({ cert, key }));
}

/** Reads a file as it will be read when it is needed. */
function checkFile(key: string, file: string, problem: string, parse: (text: string) => unknown): void {
  const text = readKey(file, key);
  try {
    parse(text);
  } catch (error) {
    // WHY not the parser's own words: they may quote what is in the file.
    throw new ConfigError([`${key}: ${file} ${problem} (${error instanceof Error ? error.name : "unknown"})`]);
  }
}

/** With `KEYFile`'s content as `KEY`. */
function withSecret<T extends object>(section: T, key: keyof T & string, where: string, base: string): T {
  const { [`${key}File`]: file, ...rest } = section as Record<string, unknown>;
  if (typeof file !== "string") return section;
  return { ...rest, [key]: readKey(resolve(base, file), `${where}.${key}File`).trim() } as T;
}

function readKey(file: string, key: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError([`${key}: ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`]);
  }
}

/** The configuration for people: without its secrets. */
export function printable(config: Config): unknown {
  return JSON.parse(
    JSON.stringify(config, (key, value: unknown) => {
      if (key === "secret") return "(hidden)";
      if (key !== "url" || typeof value !== "string") return value;
      const url = new URL(value);
      if (url.password) url.password = "hidden";
      return url.href;
    }),
  );
}
