// Access tokens (RFC 9068): what a session's grant becomes.
import { createSigner, type Key, type Signer } from "@countersign/token";
import { newId, type RandomBytes } from "../randomness.ts";
import { acrOf, clockToleranceMs, type SessionGrant } from "../sessions/session.ts";

export interface AccessTokens {
  /** A token, and how long it is good for from now: never longer than its session. */
  issue(
    grant: SessionGrant,
    added?: AddedClaims,
  ): { readonly token: string; readonly expiresInSeconds: number };
}

/** What an app adds; see `app-claims.ts`. */
export type AddedClaims = Readonly<Record<string, unknown>>;

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
      current = { key, sign: createSigner({ key, type: "at+jwt", issuer, audience, lifetimeSeconds: null }) };
    }
    return current.sign;
  }

  return {
    issue({ userId, sid, roles, clientId, amr, authTime, issuedAt, askedAt, endsAt }, added) {
      // Verifiers let clocks differ, so the token says to end that much before its session does.
      const expiresAt = Math.min(issuedAt + lifetimeSeconds, endsAt - clockToleranceMs / 1000);
      const token = signer()({
        // First, so that nothing of it can stand in the place of what follows.
        ...added,
        sub: userId,
        iat: issuedAt,
        exp: expiresAt,
        jti: newId(randomBytes),
        client_id: clientId,
        sid,
        auth_time: authTime,
        acr: acrOf(amr),
        amr,
        roles,
      });
      return { token, expiresInSeconds: Math.max(0, Math.min(lifetimeSeconds, expiresAt - askedAt)) };
    },
  };
}
