import { randomBytes } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { Refusal } from "../errors.ts";
import type { Identity } from "./tokens.ts";

const ISSUER = "warmboot-relay";
const ALGORITHM = "HS256";
const MAX_TICKET_CHARACTERS = 2048;

/** Short-lived, signed proofs of who asked, for the path of a WebSocket, where no header can go. */
export class Tickets {
  readonly #secret: Uint8Array;
  readonly lifetimeSeconds: number;

  /** @param secret shared by all instances; `null`: one of this process alone, so that a restart ends all tickets. */
  constructor(secret: string | null, lifetimeSeconds: number) {
    this.#secret = secret === null ? randomBytes(32) : new TextEncoder().encode(secret);
    this.lifetimeSeconds = lifetimeSeconds;
  }

  async issue({ subject, tokenId, expiresAt, anonymous }: Identity): Promise<string> {
    const expiry = Math.floor(
      Math.min(Date.now() + this.lifetimeSeconds * 1000, expiresAt ?? Number.POSITIVE_INFINITY) / 1000,
    );
    return await new SignJWT({
      anonymous,
      ...(tokenId !== null && { token: tokenId }),
      ...(expiresAt !== null && { until: expiresAt }),
    })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setSubject(subject)
      .setExpirationTime(expiry)
      .sign(this.#secret);
  }

  /** @throws Refusal */
  async verify(ticket: string): Promise<Identity> {
    if (ticket.length > MAX_TICKET_CHARACTERS) throw invalid();
    try {
      const { payload } = await jwtVerify(ticket, this.#secret, {
        issuer: ISSUER,
        algorithms: [ALGORITHM],
        requiredClaims: ["exp", "sub"],
      });
      const { sub = "", anonymous, token, until } = payload;
      return {
        subject: sub,
        tokenId: typeof token === "string" ? token : null,
        expiresAt: typeof until === "number" ? until : null,
        anonymous: anonymous === true,
      };
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        throw new Refusal("token-expired", "the ticket has expired; ask for a new one");
      throw invalid();
    }
  }
}

const invalid = () => new Refusal("token-invalid", "the ticket is not valid here");
