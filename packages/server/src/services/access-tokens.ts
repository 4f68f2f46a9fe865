// Access tokens (RFC 9068): what a login puts into one.
import { createSigner, type Key } from "@countersign/token";
import { randomBytes } from "node:crypto";

/** The client of tokens from our own login endpoint: the API's own front ends. */
const firstPartyClientId = "first-party";

export interface AccessTokenSubject {
  readonly userId: string;
  readonly sid: string;
  readonly roles: readonly string[];
  /** When the person last gave the password, in seconds since the epoch. */
  readonly authTime: number;
  /** Never before this second, so that a token issued right after a revocation of older ones is alive. */
  readonly issuedAt: number;
}

export interface AccessTokens {
  readonly lifetimeSeconds: number;
  issue(subject: AccessTokenSubject): string;
}

export interface AccessTokensOptions {
  readonly key: Key;
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
}

export function createAccessTokens({
  key,
  issuer,
  audience,
  lifetimeSeconds,
}: AccessTokensOptions): AccessTokens {
  const sign = createSigner({ key, type: "at+jwt", issuer, audience, lifetimeSeconds });
  return {
    lifetimeSeconds,
    issue({ userId, sid, roles, authTime, issuedAt }) {
      return sign({
        sub: userId,
        iat: issuedAt,
        jti: randomBytes(16).toString("base64url"),
        client_id: firstPartyClientId,
        sid,
        auth_time: authTime,
        amr: ["pwd"],
        roles,
      });
    },
  };
}
