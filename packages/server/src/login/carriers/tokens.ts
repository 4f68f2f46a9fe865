// A login whose session the client carries as an access and a refresh token.
import type { StoredSessions } from "../../sessions/store.ts";
import type { IssueTokens, Tokens } from "../../tokens/tokens.ts";
import type { Carrier } from "../finish.ts";

export interface TokenCarrierOptions {
  readonly sessions: Pick<StoredSessions, "open">;
  readonly issueTokens: IssueTokens;
}

export function createTokenCarrier({ sessions, issueTokens }: TokenCarrierOptions): Carrier<Tokens> {
  return async (session, origin) => {
    const opened = await sessions.open({ ...session, carrier: { kind: "token" } }, origin);
    return opened.outcome === "opened" ? issueTokens(opened.grant, 0) : undefined;
  };
}
