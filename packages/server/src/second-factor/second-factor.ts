// The second half of a login: who must show a factor, and whether what they show is one.
import type { SecondFactor } from "@countersign/client";
import type { KeyObject } from "node:crypto";
import type { AccountCredentials } from "../accounts/account.ts";
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import type { Sealer } from "../keys/sealing.ts";
import type { Proof, SecondFactorGate } from "../login/finish.ts";
import type { FactorShown } from "../sessions/factor-shown.ts";
import { multiFactor } from "../sessions/session.ts";
import type { Spendable } from "./challenges.ts";
import { factorsOf } from "./factor.ts";
import type { FirstHalf, LoginChallenges } from "./login-challenges.ts";
import { hashRecoveryCode } from "./recovery-codes.ts";
import type { MatchStep, SecondFactorStore, Shown } from "./store.ts";
import { matchingStep } from "./totp.ts";

/** A factor that somebody shows. */
export type ShownFactor =
  | { readonly factor: "totp" | "recovery_code"; readonly code: string }
  | { readonly factor: "passkey"; readonly response: object };

/** How a factor was shown (RFC 8176), and which. */
export interface ShownHow {
  readonly amr: readonly string[];
  readonly factor: FactorShown;
}

/**
 * Whether this response is one of a passkey of this account. Who is logged in has no login challenge to ask for options
 * with, and may answer those of a login.
 */
export type ShowPasskey = (
  response: object,
  userId: string,
  origin: Origin,
  who: { readonly isLoggedIn: boolean },
) => Promise<ShownHow | undefined>;

export interface SecondFactors extends SecondFactorGate {
  /** The first half of a login that this challenge stands for. @throws ServiceError `login_challenge_invalid` */
  open(challenge: string): FirstHalf & Spendable;
  /**
   * The whole proof, once: of many at once with one challenge, or one code, one has it.
   *
   * @throws ServiceError `second_factor_invalid`, `second_factor_locked`, `login_challenge_invalid`
   */
  prove(half: FirstHalf & Spendable, shown: ShownFactor, origin: Origin): Promise<Proof>;
  /** How a factor was shown by somebody who is logged in. @throws ServiceError as `prove` does, with 403 */
  show(userId: string, shown: ShownFactor, origin: Origin): Promise<ShownHow>;
}

export interface SecondFactorsOptions {
  readonly store: Pick<SecondFactorStore, "state" | "showTotp" | "showRecoveryCode" | "spend">;
  readonly accounts: { credentials(userId: string): Promise<AccountCredentials | undefined> };
  readonly challenges: LoginChallenges;
  /** Opens what TOTP secrets are sealed with. */
  readonly sealer: Pick<Sealer, "open">;
  readonly recoveryKey: KeyObject;
  readonly showPasskey: ShowPasskey;
}

export function createSecondFactors(options: SecondFactorsOptions): SecondFactors {
  const { store, accounts, challenges, sealer, recoveryKey, showPasskey } = options;

  async function judge(
    userId: string,
    shown: ShownFactor,
    challenge: Spendable | undefined,
    origin: Origin,
  ): Promise<ShownHow> {
    if (shown.factor === "passkey") {
      const isLoggedIn = challenge === undefined;
      const how = await showPasskey(shown.response, userId, origin, { isLoggedIn });
      if (how === undefined) throw new ServiceError("second_factor_invalid");
      if (challenge !== undefined && !(await store.spend(challenge))) throw invalidChallenge();
      return how;
    }
    const result =
      shown.factor === "totp"
        ? await store.showTotp(userId, matcherOf(sealer, userId, shown.code), challenge, origin)
        : await store.showRecoveryCode(
            userId,
            hashRecoveryCode(recoveryKey, userId, shown.code),
            challenge,
            origin,
          );
    if (result.outcome !== "right") throw refusalOf(result);
    // RFC 8176 §2: both are one-time passwords.
    return { amr: ["otp", multiFactor], factor: result.factor };
  }

  return {
    async admit(proof, { carries }) {
      if (proof.amr.includes(multiFactor)) return proof;
      const { account, passwordVersion, deviceEpoch, device, amr } = proof;
      const state = await store.state(account.id);
      // The account went since its password was right.
      if (state === undefined) throw new ServiceError("invalid_credentials");
      if (!state.required) return proof;
      const factors: readonly SecondFactor[] = factorsOf(state);
      const half = { userId: account.id, passwordVersion, deviceEpoch, device, amr, carries };
      throw new ServiceError("second_factor_required", {
        members: { login_challenge: challenges.seal(half), factors },
      });
    },

    open(text) {
      const half = challenges.open(text);
      if (half === undefined) throw invalidChallenge();
      return half;
    },

    async prove(half, shown, origin) {
      const credentials = await accounts.credentials(half.userId);
      const isSame =
        credentials?.account.status === "active" &&
        credentials.passwordVersion === half.passwordVersion &&
        // Whoever ended all sessions ends logins that are half done, too.
        credentials.deviceEpoch === half.deviceEpoch;
      if (!isSame) throw invalidChallenge();
      const { amr, factor } = await judge(half.userId, shown, half, origin);
      const { account, passwordVersion, deviceEpoch } = credentials;
      return {
        account,
        passwordVersion,
        deviceEpoch,
        device: half.device,
        factor,
        amr: [...new Set([...half.amr, ...amr])],
      };
    },

    async show(userId, shown, origin) {
      try {
        return await judge(userId, shown, undefined, origin);
      } catch (error) {
        // A 401 would say that the session is over (RFC 9110 §15.5.2).
        if (error instanceof ServiceError && error.code === "second_factor_invalid")
          throw new ServiceError("second_factor_invalid", { statusCode: 403 });
        throw error;
      }
    },
  };
}

/** Each secret opens for its own account alone. */
export function matcherOf(sealer: Pick<Sealer, "open">, userId: string, code: string): MatchStep {
  return (sealed, nowMs) => {
    const secret = sealer.open(sealed, totpContext(userId));
    try {
      return matchingStep(secret, code, nowMs);
    } finally {
      secret.fill(0);
    }
  };
}

export function totpContext(userId: string): { readonly purpose: string; readonly kid: string } {
  return { purpose: "totp-secret", kid: userId };
}

function invalidChallenge(): ServiceError {
  return new ServiceError("login_challenge_invalid");
}

function refusalOf(shown: Exclude<Shown, { readonly outcome: "right" }>): ServiceError {
  if (shown.outcome === "challenge_spent") return invalidChallenge();
  if (shown.outcome !== "locked") return new ServiceError("second_factor_invalid");
  if (shown.waitMs === undefined) {
    return new ServiceError("second_factor_locked", {
      detail:
        "After 100 wrong codes in a row only a recovery code, a passkey or whoever runs the server opens it.",
      retryAfterSeconds: 86_400,
    });
  }
  return new ServiceError("second_factor_locked", {
    retryAfterSeconds: Math.max(Math.ceil(shown.waitMs / 1000), 1),
  });
}
