import { errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { Refusal } from "../errors.ts";

/** Who a client is. */
export interface Identity {
  readonly subject: string;
  /** The token's `jti`, by which it can be revoked. */
  readonly tokenId: string | null;
  /** Milliseconds of the epoch; `null`: never. */
  readonly expiresAt: number | null;
  readonly anonymous: boolean;
}

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly type?: string | undefined;
  readonly maxAgeSeconds: number;
  readonly clockSkewSeconds: number;
}

const MAX_TOKEN_CHARACTERS = 8192;
const MAX_NAME_CHARACTERS = 256;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Checks the JWTs of the operator's own issuer. */
export class TokenVerifier {
  readonly #rules: TokenRules;
  readonly #keys: JWTVerifyGetKey;

  constructor(rules: TokenRules, keys: JWTVerifyGetKey) {
    this.#rules = rules;
    this.#keys = keys;
  }

  /** @param authorization the header of that name. @throws Refusal */
  async verify(authorization: string | undefined): Promise<Identity> {
    if (authorization === undefined)
      throw new Refusal("token-missing", "a token is needed: Authorization: Bearer TOKEN");
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    if (token === undefined || token.length > MAX_TOKEN_CHARACTERS || !COMPACT.test(token)) throw invalid();
    const { issuer, audience, algorithms, type, maxAgeSeconds, clockSkewSeconds } = this.#rules;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        algorithms: [...algorithms],
        // WHY: jose asks for an expiry only when it is told to.
        requiredClaims: ["exp", "iat", "sub"],
        maxTokenAge: maxAgeSeconds,
        clockTolerance: clockSkewSeconds,
        ...(type !== undefined && { typ: type }),
      });
      const { sub, jti, exp, iat } = payload;
      if (!isName(sub) || exp === undefined || iat === undefined || (jti !== undefined && !isName(jti)))
        throw invalid();
      const expiresAt = Math.min(exp, iat + maxAgeSeconds) * 1000;
      return { subject: sub, tokenId: jti ?? null, expiresAt, anonymous: false };
    } catch (error) {
      throw refusal(error);
    }
  }
}

const isName = (value: unknown): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= MAX_NAME_CHARACTERS;

const invalid = () => new Refusal("token-invalid", "the token is not valid here");

function refusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof errors.JWTExpired) return new Refusal("token-expired", "the token has expired; get a new one");
  const keysAreAway =
    error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError) || error.code === "ERR_JOSE_GENERIC";
  return keysAreAway ? new Refusal("unavailable", "the keys that sign tokens cannot be read now", 5) : invalid();
}
