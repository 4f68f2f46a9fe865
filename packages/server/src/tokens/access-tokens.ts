// Access tokens (RFC 9068): what a session's grant becomes.
import { createSigner, type Key, type Signer } from "@countersign/token";
import { newId, type RandomBytes } from "../randomness.ts";
import type { SessionGrant } from "../sessions/session.ts";

export interface AccessTokens {
  readonly lifetimeSeconds: number;
  issue(grant: SessionGrant): string;
}

export interface AccessTokensOptions {
  /** The key to sign with now; asked for each token. */
  readonly signingKey: () => Key;
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  readonly randomBytes?: RandomBytes | undefined;
}

export function createAccessTokens(options: AccessTokensOptions): AccessTokens {
  const { signingKey, issuer, audience, lifetimeSeconds, randomBytes } = options;
  let current: { readonly key: Key; readonly sign: Signer } | undefined;

  /** A signer is compiled once for each key: keys change once a month. */
  function signer(): Signer {
    const key = signingKey();
    if (current?.key !== key) {
      current = { key, sign: createSigner({ key, type: "at+jwt", issuer, audience, lifetimeSeconds }) };
    }
    return current.sign;
  }

  return {
    lifetimeSeconds,
    issue({ userId, sid, roles, clientId, amr, authTime, issuedAt }) {
      return signer()({
        sub: userId,
        iat: issuedAt,
        jti: newId(randomBytes),
        client_id: clientId,
        sid,
        auth_time: authTime,
        amr,
        roles,
      });
    },
  };
}
