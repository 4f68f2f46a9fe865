// The pair that a client holds: a short-lived access token, and the refresh token that its next one comes from.
import type { SessionGrant } from "../sessions/session.ts";
import type { AccessTokens, AddedClaims } from "./access-tokens.ts";
import type { RefreshTokens } from "./refresh-token.ts";

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
}

/** Writes the tokens of a session's grant; the refresh token carries `generation`. */
export type IssueTokens = (grant: SessionGrant, generation: number, added?: AddedClaims) => Tokens;

export function createIssueTokens(accessTokens: AccessTokens, refreshTokens: RefreshTokens): IssueTokens {
  return (grant, generation, added) => {
    const { token, expiresInSeconds } = accessTokens.issue(grant, added);
    return {
      accessToken: token,
      refreshToken: refreshTokens.issue({ sid: grant.sid, generation }),
      expiresInSeconds,
    };
  };
}
