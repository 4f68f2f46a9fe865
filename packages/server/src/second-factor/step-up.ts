// A step-up: somebody who is logged in shows who they are once more, and their session rises to what they have shown.
import type { Accounts } from "../accounts/accounts.ts";
import { wrongPassword } from "../accounts/proving.ts";
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import { whileOutdated } from "../hooks/while-outdated.ts";
import type { Requester } from "../http/requester.ts";
import { hashOfSecret, newCookieSecret } from "../sessions/cookie-sessions.ts";
import type { Raised, StepUp } from "../sessions/raising.ts";
import { type CurrentSession, firstPartyClientId } from "../sessions/session.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { StoredSessions } from "../sessions/store.ts";
import type { ClaimsMaker } from "../tokens/app-claims.ts";
import type { IssueTokens, Tokens } from "../tokens/tokens.ts";
import type { SecondFactors, ShownFactor } from "./second-factor.ts";

/** What somebody shows again, or beside what they have shown. */
export type ShownAgain = { readonly factor: "password"; readonly password: string } | ShownFactor;

/** The session that asks, and what it was logged in with, when. */
export interface AskingToRise extends CurrentSession {
  /** Whole seconds. */
  readonly authTime: number;
  /** RFC 8176. */
  readonly amr: readonly string[];
}

export interface StepUpAttempt {
  readonly by: AskingToRise;
  readonly shown: ShownAgain;
  readonly origin: Origin;
  readonly requester: Requester;
}

/**
 * Each gives what the session is held by once it is used; until then nothing changes.
 *
 * @throws ServiceError `invalid_credentials` and `second_factor_invalid` (403), `second_factor_locked`,
 *   `too_many_attempts`, `busy`, `logged_out`
 */
export interface StepUps {
  raiseTokens(attempt: StepUpAttempt): Promise<Tokens>;
  /** The value of the new cookie. */
  raiseCookie(attempt: StepUpAttempt): Promise<string>;
}

export interface StepUpsOptions {
  readonly accounts: Pick<Accounts, "provePassword">;
  readonly secondFactors: Pick<SecondFactors, "show">;
  readonly sessions: Pick<StoredSessions, "raise">;
  readonly sessionStore: Pick<SessionStore, "inTurn" | "asking" | "raise">;
  readonly issueTokens: IssueTokens;
  readonly appClaims?: ClaimsMaker | undefined;
  readonly newSecret?: (() => string) | undefined;
}

export function createStepUps(options: StepUpsOptions): StepUps {
  const { accounts, secondFactors, sessions, sessionStore, issueTokens, appClaims } = options;
  const { newSecret = newCookieSecret } = options;

  async function show({
    by: { userId },
    shown,
    origin,
    requester,
  }: StepUpAttempt): Promise<Pick<StepUp, "amr" | "passwordVersion" | "factor">> {
    if (shown.factor !== "password") return secondFactors.show(userId, shown, origin);
    const { passwordVersion } = await accounts.provePassword(userId, shown.password, origin, requester);
    return { amr: ["pwd"], passwordVersion };
  }

  /** The level is of what asks, never of the session: a copy of what it was held by before does not rise with it. */
  async function prove(attempt: StepUpAttempt): Promise<Omit<StepUp, "asking">> {
    const { userId, authTime, amr: before } = attempt.by;
    const { amr, ...shown } = await show(attempt);
    return { userId, authTime, ...shown, amr: [...new Set([...before, ...amr])] };
  }

  return {
    async raiseTokens(attempt) {
      const { by, origin } = attempt;
      const proved = await prove(attempt);
      return whileOutdated(async () => {
        const made = await appClaims?.make(by.userId, { clientId: firstPartyClientId, amr: proved.amr });
        // Disabled or deleted meanwhile.
        if (appClaims !== undefined && made === undefined) throw new ServiceError("logged_out");
        return sessionStore.inTurn(by.userId, async () => {
          const stepUp = {
            ...proved,
            asking: sessionStore.asking(by),
            accountVersion: made?.accountVersion,
          };
          const raised = await sessions.raise(stepUp, { kind: "token" }, origin);
          if (raised.outcome === "outdated") return "outdated";
          if (raised.outcome !== "raised") throw refusalOf(raised.outcome, attempt);
          return issueTokens(raised.grant, raised.generation, made?.claims);
        });
      });
    },

    async raiseCookie(attempt) {
      const { by, origin } = attempt;
      const proved = await prove(attempt);
      const secret = newSecret();
      await sessionStore.inTurn(by.userId, async () => {
        const stepUp = { ...proved, asking: sessionStore.asking(by) };
        const { outcome } = await sessionStore.raise(stepUp, hashOfSecret(secret), origin);
        if (outcome !== "raised") throw refusalOf(outcome, attempt);
      });
      return secret;
    },
  };
}

function refusalOf(outcome: Exclude<Raised["outcome"], "raised">, { shown }: StepUpAttempt): ServiceError {
  if (outcome === "too_soon") return new ServiceError("too_many_attempts", { retryAfterSeconds: 5 });
  if (outcome !== "refused") return new ServiceError("logged_out");
  // It was right, and was changed or removed before it counted.
  return shown.factor === "password"
    ? wrongPassword()
    : new ServiceError("second_factor_invalid", { statusCode: 403 });
}
