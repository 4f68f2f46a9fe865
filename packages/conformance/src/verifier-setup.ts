// What the kit tells a target about the verifier that it wants to attack.
import type { JsonWebKey } from "node:crypto";

/** What the target's tokens say about themselves. */
export interface Profile {
  readonly issuer: string;
  readonly audience: string;
  /** The `typ` that a token must carry (RFC 9068 §2.1); `null` where the target does not check it. */
  readonly type: string | null;
}

/**
 * A verifier in words: one algorithm, its keys in every form that can be handed over, and what to insist on.
 *
 * `secret` stands for HMAC algorithms, `publicPem` and `publicJwk` for the others, `jwks` for either. A case that is
 * about one form leaves the other forms out.
 */
export interface VerifierSetup extends Profile {
  /** JWS name: `HS256`, `RS256`, `PS256`, `ES256`, `Ed25519`, `EdDSA`, `ML-DSA-44`, … */
  readonly algorithm: string;
  readonly kid: string;
  readonly secret?: Uint8Array;
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicPem?: string;
  readonly publicJwk?: JsonWebKey;
  readonly jwks?: { readonly keys: readonly JsonWebKey[] };
  /** `exp` always; a case may add more. */
  readonly requiredClaims: readonly string[];
  readonly clockToleranceSeconds: number;
  /** Characters; longer tokens are refused unread. */
  readonly maxTokenLength: number;
  /** Where the target can remember verified tokens: how many. */
  readonly rememberTokens?: number;
  /** The oldest `iat` to accept, seconds. */
  readonly maxAgeSeconds?: number;
  /** The verifier's clock, whole seconds, where a case has to hold it still. */
  readonly now?: () => number;
}

/**
 * Judges one token.
 *
 * Throwing, rejecting, `false`, `null` and `undefined` are refusals; anything else is an acceptance. Async or not.
 */
export type Verify = (token: string) => unknown;

/** Builds a verifier; throws to refuse the setup, returns `null` where it has no way to express it. */
export type BuildVerify = (setup: VerifierSetup) => Verify | null | Promise<Verify | null>;

export const DEFAULT_PROFILE: Profile = {
  issuer: "https://auth.example.com",
  audience: "https://api.example.com/posts",
  type: "at+jwt",
};
