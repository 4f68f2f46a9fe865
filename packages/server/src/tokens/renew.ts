// Exchanging a refresh token for its successor and a new access token.
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import type { StoredSessions } from "../sessions/store.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import type { RenewalRateLimit } from "./renewal-rate-limit.ts";
import type { IssueTokens, Tokens } from "./tokens.ts";

/** @throws ServiceError `invalid_grant`, `too_many_renewals` */
export type Renew = (refreshToken: string, origin: Origin) => Promise<Tokens>;

export interface RenewOptions {
  readonly sessions: Pick<StoredSessions, "renew">;
  readonly refreshTokens: RefreshTokens;
  readonly rateLimit: RenewalRateLimit;
  readonly issueTokens: IssueTokens;
}

export function createRenew({ sessions, refreshTokens, rateLimit, issueTokens }: RenewOptions): Renew {
  return async (text, origin) => {
    const presented = refreshTokens.read(text);
    // Not written by this server: no session is looked up, let alone touched.
    if (presented === null) throw new ServiceError("invalid_grant");
    rateLimit.admit(presented);
    const renewal = await sessions.renew(presented, origin);
    if (renewal.outcome !== "renewed" && renewal.outcome !== "repeated")
      throw new ServiceError("invalid_grant");
    return issueTokens(renewal.grant, renewal.generation);
  };
}
