// A login whose session the client carries as an access and a refresh token.
import { whileOutdated } from "../../hooks/while-outdated.ts";
import type { StoredSessions } from "../../sessions/store.ts";
import type { ClaimsMaker } from "../../tokens/app-claims.ts";
import type { IssueTokens, Tokens } from "../../tokens/tokens.ts";
import type { Carrier } from "../finish.ts";

export interface TokenCarrierOptions {
  readonly sessions: Pick<StoredSessions, "open">;
  readonly issueTokens: IssueTokens;
  readonly appClaims?: ClaimsMaker | undefined;
}

export function createTokenCarrier({
  sessions,
  issueTokens,
  appClaims,
}: TokenCarrierOptions): Carrier<Tokens> {
  return (session, origin) =>
    whileOutdated(async () => {
      const made = await appClaims?.make(session.userId, session);
      // Disabled or deleted since it was proved.
      if (appClaims !== undefined && made === undefined) return undefined;
      const opened = await sessions.open(
        { ...session, accountVersion: made?.accountVersion, carrier: { kind: "token" } },
        origin,
      );
      if (opened.outcome === "outdated") return "outdated";
      return opened.outcome === "opened" ? issueTokens(opened.grant, 0, made?.claims) : undefined;
    });
}
