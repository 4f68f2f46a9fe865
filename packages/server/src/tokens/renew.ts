// Exchanging a refresh token for its successor and a new access token.
import type { Origin } from "../database/audit-event.ts";
import { KernelError, ServiceError, type ServiceErrorCode } from "../errors.ts";
import type { Renewal } from "../sessions/renewal.ts";
import type { StoredSessions } from "../sessions/store.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import type { RenewalRateLimit } from "./renewal-rate-limit.ts";
import type { IssueTokens, Tokens } from "./tokens.ts";

/** @throws ServiceError `invalid_grant`, `too_many_renewals` */
export type Renew = (refreshToken: string, origin: Origin) => Promise<Tokens>;

/** `late`: renewed, but the answer before was lost; `not_ours`: nothing that this server wrote. */
export type RenewalOutcome = Renewal["outcome"] | "late" | "not_ours" | ServiceErrorCode;

export interface RenewOptions {
  readonly sessions: Pick<StoredSessions, "renew">;
  readonly refreshTokens: RefreshTokens;
  readonly rateLimit: RenewalRateLimit;
  readonly issueTokens: IssueTokens;
  /** Hears how each presentation ended. */
  readonly onOutcome?: ((outcome: RenewalOutcome) => void) | undefined;
}

export function createRenew(options: RenewOptions): Renew {
  const { sessions, refreshTokens, rateLimit, issueTokens, onOutcome = () => undefined } = options;

  async function decide(text: string, origin: Origin): Promise<Renewal | undefined> {
    const presented = refreshTokens.read(text);
    // Not written by this server: no session is looked up, let alone touched.
    if (presented === null) return undefined;
    rateLimit.admit(presented);
    return sessions.renew(presented, origin);
  }

  return async (text, origin) => {
    let renewal: Renewal | undefined;
    try {
      renewal = await decide(text, origin);
    } catch (error) {
      onOutcome(codeOf(error));
      throw error;
    }
    onOutcome(outcomeOf(renewal));
    if (renewal?.outcome !== "renewed" && renewal?.outcome !== "repeated")
      throw new ServiceError("invalid_grant");
    return issueTokens(renewal.grant, renewal.generation);
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
