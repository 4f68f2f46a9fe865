// The verifier of a service: credentials in, an identity or a refusal out.
import { createVerifier, TokenError } from "@countersign/token";
import type { KeySet, TokenErrorCode } from "@countersign/token";
import { assertOneToken, authorizationOf, bearerToken } from "./bearer.ts";
import type { Credentials } from "./bearer.ts";
import { AccessError, toAccessError } from "./errors.ts";
import type { AccessErrorCode } from "./errors.ts";
import { identityOfClaims } from "./identity.ts";
import type { AccessClaims, Identity } from "./identity.ts";
import type { KeysStatus } from "./issuer-keys.ts";
import { createEmitter } from "./observer.ts";
import { requireOptions } from "./options.ts";
import type { AccessVerifierOptions } from "./options.ts";
import type { Authenticator } from "./guard.ts";
import type { RevocationObserver } from "./revocation-list.ts";
import { createSources } from "./sources.ts";
import type { RevocationsStatus } from "./sources.ts";

export interface AccessVerifierStatus {
  readonly keys: KeysStatus;
  readonly revocations: RevocationsStatus;
  /** How many times a token was accepted since the start; what a route asks beyond that is not counted here. */
  readonly accepted: number;
  /** How many times credentials were refused since the start, by reason. */
  readonly refused: Readonly<Partial<Record<AccessErrorCode, number>>>;
}

export interface AccessVerifier extends Authenticator {
  /**
   * Who sends these credentials. A Promise only before the first answer of the issuer, and for a token whose key
   * has to be fetched first.
   *
   * @throws AccessError and nothing else
   */
  readonly authenticate: (credentials: Credentials) => Identity | Promise<Identity>;
  /**
   * Waits until keys and revocations are there. The first request would do so too; this is for a service that
   * prefers not to start without.
   *
   * @throws AccessError `keys_unavailable`, `revocations_stale`; the verifier goes on trying all the same
   */
  readonly ready: () => Promise<void>;
  /**
   * Calls back after each change of the known revocations, which then count already: with the entry, or with undefined
   * when a newer list was added. For what outlives a request, such as a socket. Returns what ends it.
   */
  readonly observeRevocations: (observer: RevocationObserver) => () => void;
  /** For health pages and metrics; costs nothing to ask. */
  readonly status: () => AccessVerifierStatus;
  /** Ends all connections to the issuer. Everything is refused from then on. */
  readonly close: () => void;
}

/** What the engine says of a token whose key it does not have; a rotation to another algorithm looks like the second. */
const keyMayBeNew: ReadonlySet<TokenErrorCode> = new Set(["unknown_key", "algorithm_not_allowed"]);

/**
 * Builds the verifier of a service. Nothing is fetched before the first request, or `ready()`.
 *
 * @throws TypeError if an option is missing, unknown or senseless: there is no default for whom to trust
 */
export function createAccessVerifier(options: AccessVerifierOptions): AccessVerifier {
  const settings = requireOptions(options);
  const { issuer, audience, clockToleranceSeconds, maxTokenLength, rememberTokens, now } = settings;
  const emit = createEmitter(settings.onEvent);
  const closing = new AbortController();
  const { keys, revocations, start } = createSources(settings, emit, closing.signal);
  const verify = createVerifier<AccessClaims, Identity>({
    keys: currentKeys,
    type: "at+jwt",
    issuer,
    audience,
    requiredClaims: ["sub", "iat", "jti"],
    clockToleranceSeconds,
    maxTokenLength,
    rememberTokens,
    now,
    isRevoked: revocations.isRevoked,
    transform: identityOfClaims,
  });
  const refused: Partial<Record<AccessErrorCode, number>> = {};
  let accepted = 0;
  let phase: "new" | "open" | "closed" = start === undefined ? "open" : "new";
  let starting: Promise<void> | undefined;

  function currentKeys(): KeySet {
    const set = keys.current();
    if (set === undefined) throw new AccessError("keys_unavailable", { reason: keys.status().lastFailure });
    return set;
  }

  function judge(token: string): Identity {
    const identity = verify(token);
    if (revocations.mustReject()) throw new AccessError("revocations_stale");
    accepted += 1;
    return identity;
  }

  /** A token under a key that is unknown here may be the first one after a rotation. */
  function judgeOrFetch(token: string): Identity | Promise<Identity> {
    try {
      return judge(token);
    } catch (error) {
      assertOneToken(token);
      if (!(error instanceof TokenError && keyMayBeNew.has(error.code))) throw error;
      const fetched = keys.fetchedForUnknownKey();
      if (fetched === undefined) throw unknownKey(error);
      return fetched.then(() => judgeFinally(token));
    }
  }

  function judgeFinally(token: string): Identity {
    try {
      return judge(token);
    } catch (error) {
      throw error instanceof TokenError && keyMayBeNew.has(error.code) ? unknownKey(error) : error;
    }
  }

  /** While the issuer cannot be asked, nobody knows whether an unknown key is a new one or a forger's. */
  function unknownKey(error: TokenError): TokenError | AccessError {
    const { state, lastFailure } = keys.status();
    return state === "stale"
      ? new AccessError("keys_unavailable", { reason: lastFailure, cause: error })
      : error;
  }

  function refuse(thrown: unknown): AccessError {
    // What was wrong with a token is for the log; the client learns only that it was refused.
    const error =
      thrown instanceof TokenError
        ? new AccessError("token_invalid", { reason: thrown.code, cause: thrown })
        : toAccessError(thrown);
    refused[error.code] = (refused[error.code] ?? 0) + 1;
    emit({ type: "refused", code: error.code, reason: error.reason });
    return error;
  }

  function started(): Promise<void> {
    starting ??= start?.().then(() => {
      if (phase === "new") phase = "open";
    });
    return starting ?? Promise.resolve();
  }

  async function judgeWhenStarted(token: string): Promise<Identity> {
    assertOneToken(token);
    if (phase === "new") await started();
    if (phase === "closed") throw new AccessError("verification_failed", { reason: "closed" });
    return judgeOrFetch(token);
  }

  return {
    now,
    authenticate(credentials) {
      try {
        const token = bearerToken(authorizationOf(credentials));
        const identity = phase === "open" ? judgeOrFetch(token) : judgeWhenStarted(token);
        if (!(identity instanceof Promise)) return identity;
        return identity.catch((error: unknown) => {
          throw refuse(error);
        });
      } catch (error) {
        throw refuse(error);
      }
    },
    async ready() {
      await started();
      await keys.fetched();
      currentKeys();
      const { state, lastFailure } = revocations.status();
      if (state === "missing") throw new AccessError("revocations_stale", { reason: lastFailure });
    },
    observeRevocations: revocations.observe,
    status: () => ({
      keys: keys.status(),
      revocations: revocations.status(),
      accepted,
      refused: { ...refused },
    }),
    close() {
      phase = "closed";
      closing.abort();
    },
  };
}
