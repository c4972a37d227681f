import { readFileSync, statSync } from "node:fs";
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";

/** Where the keys that sign tokens come from. */
export interface KeySource {
  readonly keysFile?: string | undefined;
  readonly keysUrl?: string | undefined;
  readonly secret?: string | undefined;
}

const REMOTE = { timeoutDuration: 5000, cooldownDuration: 30_000, cacheMaxAge: 600_000 } as const;

/** The keys, always the newest: a file is read again when it has changed, a URL as jose does it. @throws Error for no usable file */
export function openKeys({ keysFile, keysUrl, secret }: KeySource): JWTVerifyGetKey {
  if (secret !== undefined) {
    const key = new TextEncoder().encode(secret);
    return async () => key;
  }
  if (keysUrl !== undefined) return createRemoteJWKSet(new URL(keysUrl), REMOTE);
  if (keysFile === undefined) throw new Error("there is no source of keys");
  return keysOfFile(keysFile);
}

/** The keys of a JWKS. @throws Error when it is none */
export const parseKeys = (text: string): JWTVerifyGetKey => createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);

function keysOfFile(file: string): JWTVerifyGetKey {
  const read = () => parseKeys(readFileSync(file, "utf8"));
  let changedAt = statSync(file).mtimeMs;
  let keys = read();
  return async (header, token) => {
    const now = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (now !== undefined && now !== changedAt) {
      try {
        keys = read();
        changedAt = now;
      } catch {
        // WHY: while the file is being written it may be cut off; the keys of before hold until it can be read.
      }
    }
    return keys(header, token);
  };
}
