// Access tokens (RFC 9068): what a session's grant becomes.
import { createSigner, type Key } from "@countersign/token";
import { randomBytes } from "node:crypto";
import type { SessionGrant } from "../store/session-rows.ts";

export interface AccessTokens {
  readonly lifetimeSeconds: number;
  issue(grant: SessionGrant): string;
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
    issue({ userId, sid, roles, clientId, amr, authTime, issuedAt }) {
      return sign({
        sub: userId,
        iat: issuedAt,
        jti: randomBytes(16).toString("base64url"),
        client_id: clientId,
        sid,
        auth_time: authTime,
        amr,
        roles,
      });
    },
  };
}
