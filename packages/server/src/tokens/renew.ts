// Exchanging a refresh token for its successor and a new access token.
import type { Origin } from "../database/audit-event.ts";
import { KernelError, ServiceError, type ServiceErrorCode } from "../errors.ts";
import { type HookRunner, noHooks } from "../hooks/hooks.ts";
import { whileOutdated } from "../hooks/while-outdated.ts";
import type { Presented } from "../sessions/renewal-preparation.ts";
import type { Renewal } from "../sessions/renewal.ts";
import type { StoredSessions } from "../sessions/store.ts";
import type { AddedClaims } from "./access-tokens.ts";
import type { ClaimsMaker } from "./app-claims.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import type { RenewalRateLimit } from "./renewal-rate-limit.ts";
import type { IssueTokens, Tokens } from "./tokens.ts";

/** @throws ServiceError `invalid_grant`, `too_many_renewals` */
export type Renew = (refreshToken: string, origin: Origin) => Promise<Tokens>;

/** `late`: renewed, but the answer before was lost; `not_ours`: nothing that this server wrote. */
export type RenewalOutcome = Renewal["outcome"] | "late" | "not_ours" | ServiceErrorCode;

export interface RenewOptions {
  readonly sessions: Pick<StoredSessions, "renew" | "prepareRenewal">;
  readonly refreshTokens: RefreshTokens;
  readonly rateLimit: RenewalRateLimit;
  readonly issueTokens: IssueTokens;
  /** Without it, a renewal is one statement, and no hook runs. */
  readonly appClaims?: ClaimsMaker | undefined;
  readonly hooks?: Pick<HookRunner, "before" | "after"> | undefined;
  /** Hears how each presentation ended. */
  readonly onOutcome?: ((outcome: RenewalOutcome) => void) | undefined;
}

interface Decided {
  readonly renewal: Renewal | undefined;
  readonly claims?: AddedClaims | undefined;
}

export function createRenew(options: RenewOptions): Renew {
  const { sessions, refreshTokens, rateLimit, issueTokens, appClaims, onOutcome = () => undefined } = options;
  const { hooks = noHooks } = options;

  async function decide(text: string, origin: Origin): Promise<Decided> {
    const presented = refreshTokens.read(text);
    // Not written by this server: no session is looked up, let alone touched.
    if (presented === null) return { renewal: undefined };
    rateLimit.admit(presented);
    return appClaims === undefined
      ? { renewal: await sessions.renew(presented, origin) }
      : decideWithClaims(presented, origin, appClaims);
  }

  /** Made before the generation moves, so that a client that got no answer has lost nothing. */
  function decideWithClaims(presented: Presented, origin: Origin, { make }: ClaimsMaker): Promise<Decided> {
    let deadlineMs: number | undefined;
    return whileOutdated(async () => {
      const prepared = await sessions.prepareRenewal(presented, deadlineMs);
      deadlineMs = prepared.deadlineMs;
      const { session } = prepared;
      const made = session && (await make(session.userId, session));
      const told = made && { account: made.account, session: { ...made.session, carries: "token" as const } };
      if (told !== undefined) await hooks.before("renewal", told);
      const unmade = { deadlineMs, tokensBefore: null, amr: null };
      const renewal = await sessions.renew(presented, origin, made === undefined ? unmade : prepared);
      if (renewal.outcome === "outdated") return "outdated";
      if (renewal.outcome === "renewed" && told !== undefined) hooks.after("renewal", told);
      return { renewal, claims: made?.claims };
    });
  }

  return async (text, origin) => {
    let decided: Decided;
    try {
      decided = await decide(text, origin);
    } catch (error) {
      onOutcome(codeOf(error));
      throw error;
    }
    const { renewal, claims } = decided;
    onOutcome(outcomeOf(renewal));
    if (renewal?.outcome !== "renewed" && renewal?.outcome !== "repeated")
      throw new ServiceError("invalid_grant");
    return issueTokens(renewal.grant, renewal.generation, claims);
  };
}

function outcomeOf(renewal: Renewal | undefined): RenewalOutcome {
  if (renewal === undefined) return "not_ours";
  return renewal.outcome === "renewed" && renewal.late ? "late" : renewal.outcome;
}

/** As `http/problems.ts` answers it. */
function codeOf(error: unknown): ServiceErrorCode {
  if (error instanceof ServiceError) return error.code;
  return error instanceof KernelError && error.isTemporary ? "unavailable" : "internal";
}
