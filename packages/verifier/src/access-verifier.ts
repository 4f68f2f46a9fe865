// The verifier of a service: credentials in, an identity or a refusal out.
import { createVerifier, keySet, secretKey, TokenError } from "@countersign/token";
import type { KeySet, Verified } from "@countersign/token";
import { authorizationOf, bearerToken } from "./bearer.ts";
import type { Credentials } from "./bearer.ts";
import { AccessError, toAccessError } from "./errors.ts";
import { identityOfClaims } from "./identity.ts";
import type { AccessClaims, Identity } from "./identity.ts";
import type { Authenticator } from "./requirements.ts";
import type { RevocationList } from "./revocation-list.ts";

export interface AccessVerifierOptions {
  /** The exact `iss` of the tokens to accept. */
  readonly issuer: string;
  /** What the `aud` of the tokens must be or contain: the name of this service. */
  readonly audience: string;
  /** The keys, where this process has them; a function is asked with every token. */
  readonly keys?: KeySet | (() => KeySet);
  /** The HS256 secret shared with the issuer, 32 bytes at least. Whoever has it can also forge tokens. */
  readonly secret?: Uint8Array;
  /** The revocations, where this process has them; null for deliberately none. */
  readonly revocations: RevocationList | null;
  /** How far the issuer's clock may be from ours, 0 to 30 seconds. Default 5. */
  readonly clockToleranceSeconds?: number;
  /** How many verified tokens are remembered, so that seeing one again costs a look-up. Default 10,000; 0 for none. */
  readonly rememberTokens?: number;
  /** Whole seconds since the epoch. */
  readonly now?: () => number;
}

export interface AccessVerifier extends Authenticator {
  /**
   * Who sends these credentials.
   *
   * @throws AccessError and nothing else
   */
  readonly authenticate: (credentials: Credentials) => Identity | Promise<Identity>;
}

/** `Bearer ` and the longest token that the engine looks at. */
const maxAuthorizationLength = 7 + 8192;

/**
 * Builds the verifier of a service.
 *
 * @throws TypeError if an option is missing, unknown or senseless: there is no default for whom to trust
 */
export function createAccessVerifier(options: AccessVerifierOptions): AccessVerifier {
  const { issuer, audience, revocations, clockToleranceSeconds = 5, rememberTokens = 10_000 } = options;
  const now = options.now ?? systemNow;
  requireText("issuer", issuer);
  requireText("audience", audience);
  if (!(clockToleranceSeconds >= 0 && clockToleranceSeconds <= 30)) {
    throw new TypeError("clockToleranceSeconds must be 0 to 30");
  }
  const verify = createVerifier<AccessClaims>({
    keys: chooseKeys(options),
    type: "at+jwt",
    issuer,
    audience,
    requiredClaims: ["sub", "iat", "jti"],
    clockToleranceSeconds,
    rememberTokens,
    now,
    ...(revocations === null ? {} : { isRevoked: (claims, kid) => revocations.isRevoked(claims, kid) }),
  });
  // The engine gives back the same frozen claims for a remembered token, so the identity is kept beside them.
  const identities = new WeakMap<Verified<AccessClaims>, Identity>();

  function identityOfToken(token: string): Identity {
    const claims = verify(token);
    const known = identities.get(claims);
    if (known !== undefined) return known;
    const identity = identityOfClaims(claims);
    if (identity === undefined) throw new AccessError("token_invalid", { reason: "claim_invalid" });
    identities.set(claims, identity);
    return identity;
  }

  return {
    now,
    authenticate(credentials) {
      try {
        const authorization = authorizationOf(credentials);
        if (authorization !== undefined && authorization.length > maxAuthorizationLength) {
          throw new AccessError("credentials_malformed", { reason: "too_large" });
        }
        return identityOfToken(bearerToken(authorization));
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}

function chooseKeys({ keys, secret }: AccessVerifierOptions): KeySet | (() => KeySet) {
  if ((keys === undefined) === (secret === undefined)) {
    throw new TypeError("say exactly one of keys and secret");
  }
  return keys ?? keySet([secretKey("HS256", secret as Uint8Array)]);
}

function requireText(name: string, value: unknown): void {
  if (typeof value !== "string" || value === "")
    throw new TypeError(`${name} must be a string that is not empty`);
}

/** What was wrong with a token is for the log; the client learns only that it was refused. */
function refusal(thrown: unknown): AccessError {
  return thrown instanceof TokenError
    ? new AccessError("token_invalid", { reason: thrown.code, cause: thrown })
    : toAccessError(thrown);
}

function systemNow(): number {
  return Math.floor(Date.now() / 1000);
}
