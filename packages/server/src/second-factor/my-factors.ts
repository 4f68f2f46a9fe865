// What the owner of an account may do with its second factors.
import type { FactorsResponse, TotpResponse } from "@countersign/client";
import type { KeyObject } from "node:crypto";
import { renderSVG } from "uqr";
import type { Accounts, AskingOwner } from "../accounts/accounts.ts";
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import type { Requester } from "../http/requester.ts";
import type { Sealer } from "../keys/sealing.ts";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { hashRecoveryCode, newRecoveryCodes } from "./recovery-codes.ts";
import { matcherOf, totpContext } from "./second-factor.ts";
import { createOwnersTurn } from "./owners-turn.ts";
import type { SecondFactorStore } from "./store.ts";
import { base32Of, newTotpSecret, totpUri } from "./totp.ts";

/** Who asks, and what they show for it; see `Accounts.proveFresh`, whose refusals each change may have. */
export interface Asking {
  readonly by: AskingOwner;
  readonly password: string | undefined;
  readonly origin: Origin;
  readonly requester: Requester;
}

/** Recovery codes as they are shown, once, and as they are kept. */
export interface MadeCodes {
  readonly shown: readonly string[];
  readonly hashes: readonly string[];
}

export interface MyFactors {
  list(userId: string): Promise<FactorsResponse>;
  /** A secret for an authenticator app. It counts once a code of it was given. @throws ServiceError `factor_exists` */
  beginTotp(asking: Asking): Promise<TotpResponse>;
  /**
   * @returns recovery codes where it is the account's first factor
   * @throws ServiceError `second_factor_invalid` (403), `not_found` where nothing was begun, `logged_out`
   */
  confirmTotp(by: AskingOwner, code: string, origin: Origin): Promise<readonly string[] | undefined>;
  /** @throws ServiceError `not_found`, `factor_needed` */
  removeTotp(asking: Asking): Promise<void>;
  /** New ones in the place of the old. @throws ServiceError `not_found` without a factor */
  renewCodes(asking: Asking): Promise<readonly string[]>;
  /** Codes that somebody else keeps with the first factor of another kind. */
  makeCodes(userId: string): MadeCodes;
}

export interface MyFactorsOptions {
  readonly store: Pick<
    SecondFactorStore,
    "state" | "beginTotp" | "confirmTotp" | "removeTotp" | "renewCodes"
  >;
  readonly accounts: Pick<Accounts, "get" | "proveFresh">;
  readonly sessionStore: Pick<SessionStore, "inTurn" | "asking">;
  readonly sealer: Sealer;
  readonly recoveryKey: KeyObject;
  /** What authenticator apps show: where the account is. */
  readonly service: string;
  readonly randomBytes?: RandomBytes | undefined;
}

export function createMyFactors(options: MyFactorsOptions): MyFactors {
  const { store, accounts, sessionStore, sealer, recoveryKey, service } = options;
  const { randomBytes = systemRandomBytes } = options;

  function makeCodes(userId: string): MadeCodes {
    const shown = newRecoveryCodes(randomBytes);
    return { shown, hashes: shown.map((code) => hashRecoveryCode(recoveryKey, userId, code) ?? "") };
  }

  const inTurn = createOwnersTurn(sessionStore);
  const prove = ({ by, password, origin, requester }: Asking) =>
    accounts.proveFresh(by, password, origin, requester);

  return {
    makeCodes,

    async list(userId) {
      const state = await store.state(userId);
      if (state === undefined) throw new ServiceError("not_found");
      const { required, totp, passkeys, recoveryCodes } = state;
      return { required, totp, passkeys, recovery_codes: recoveryCodes };
    },

    async beginTotp(asking) {
      const { by, origin } = asking;
      const { account } = await prove(asking);
      const secret = newTotpSecret(randomBytes);
      const sealed = sealer.seal(secret, totpContext(by.userId));
      const { outcome } = await inTurn(by, origin, (owner) => store.beginTotp(owner, sealed));
      if (outcome === "exists") throw new ServiceError("factor_exists");
      const uri = totpUri(secret, { service, account: account.email });
      const shown = { secret: base32Of(secret), uri, qr_svg: renderSVG(uri) };
      secret.fill(0);
      return shown;
    },

    async confirmTotp(by, code, origin) {
      const { shown, hashes } = makeCodes(by.userId);
      const match = matcherOf(sealer, by.userId, code);
      const result = await inTurn(by, origin, (owner) => store.confirmTotp(owner, match, hashes));
      if (result.outcome === "wrong") throw new ServiceError("second_factor_invalid", { statusCode: 403 });
      if (result.outcome !== "confirmed")
        throw new ServiceError("not_found", { detail: "Ask for a secret first, with POST /me/totp." });
      return result.isFirst ? shown : undefined;
    },

    async removeTotp(asking) {
      await prove(asking);
      const { outcome } = await inTurn(asking.by, asking.origin, (owner) => store.removeTotp(owner));
      if (outcome === "unknown") throw new ServiceError("not_found");
      if (outcome === "needed") throw neededByRole();
    },

    async renewCodes(asking) {
      await prove(asking);
      const { shown, hashes } = makeCodes(asking.by.userId);
      const { outcome } = await inTurn(asking.by, asking.origin, (owner) => store.renewCodes(owner, hashes));
      if (outcome === "no_factor") throw new ServiceError("not_found");
      return shown;
    },
  };
}

export function neededByRole(): ServiceError {
  return new ServiceError("factor_needed", {
    detail: "A role of this account asks for a second factor. Add another one before you remove the last.",
  });
}
