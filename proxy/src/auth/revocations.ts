import { readFile, stat } from "node:fs/promises";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { Identity } from "./tokens.ts";

const fileSchema = z.strictObject({
  subjects: z.array(z.string()).default([]),
  tokens: z.array(z.string()).default([]),
});

/** What a file of revocations says. @throws Error when it is none */
export const parseRevocations = (text: string) => fileSchema.parse(JSON.parse(text));

/** Who is not let in any more, before the token expires. */
export interface Revocations {
  isRevoked(identity: Pick<Identity, "subject" | "tokenId">): Promise<boolean>;
}

/** Listed in a file, `{ "subjects": [], "tokens": [] }`, that is read again when it has changed. */
export class RevocationFile implements Revocations {
  readonly #file: string;
  #changedAt = -1;
  #subjects = new Set<string>();
  #tokens = new Set<string>();

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws Error when the file is not there or is not one: then nobody knows who is revoked. */
  async isRevoked({ subject, tokenId }: Pick<Identity, "subject" | "tokenId">): Promise<boolean> {
    const { mtimeMs } = await stat(this.#file);
    if (mtimeMs !== this.#changedAt) {
      const { subjects, tokens } = parseRevocations(await readFile(this.#file, "utf8"));
      this.#subjects = new Set(subjects);
      this.#tokens = new Set(tokens);
      this.#changedAt = mtimeMs;
    }
    return this.#subjects.has(subject) || (tokenId !== null && this.#tokens.has(tokenId));
  }
}

/** Kept in Redis, for all instances; each entry goes when the tokens it is about have expired anyway. */
export class SharedRevocations implements Revocations {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = `${prefix}revoked:`;
  }

  async isRevoked({ subject, tokenId }: Pick<Identity, "subject" | "tokenId">): Promise<boolean> {
    const keys = [
      `${this.#prefix}subject:${subject}`,
      ...(tokenId === null ? [] : [`${this.#prefix}token:${tokenId}`]),
    ];
    return (await this.#redis.exists(...keys)) > 0;
  }

  async revoke(kind: "subject" | "token", name: string, seconds: number): Promise<void> {
    await this.#redis.set(`${this.#prefix}${kind}:${name}`, "1", "EX", Math.ceil(seconds));
  }
}
