// What the owner of an account may do with its passkeys.
import type { AddedPasskeyResponse, PasskeyCreationOptions, PasskeyResponse } from "@countersign/client";
import type { Accounts, AskingOwner } from "../accounts/accounts.ts";
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import { isoTime } from "../iso-time.ts";
import { type Asking, type MyFactors, neededByRole } from "../second-factor/my-factors.ts";
import { createOwnersTurn } from "../second-factor/owners-turn.ts";
import type { CurrentSession } from "../sessions/session.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { PasskeySettings } from "../settings/passkeys.ts";
import { challengeLifetimeMs, type PasskeyChallenges } from "./challenges.ts";
import { descriptorOf } from "./descriptor.ts";
import { maxPasskeys, type PasskeyStore, type StoredPasskey } from "./store.ts";
import { passkeyAlgorithms, readAnswer, verifyNewPasskey } from "./verification.ts";
import { loadWebauthn } from "./webauthn.ts";

export interface MyPasskeys {
  /** What a browser makes a passkey of. @throws ServiceError as `Accounts.proveFresh` does */
  options(asking: Asking): Promise<PasskeyCreationOptions>;
  /**
   * Keeps what the browser made, once. With recovery codes where it is the account's first factor.
   *
   * @throws ServiceError `passkey_invalid` (400), `factor_exists`, `logged_out`
   */
  add(
    by: AskingOwner,
    made: { readonly response: object; readonly name: string | undefined },
    origin: Origin,
  ): Promise<AddedPasskeyResponse>;
  list(userId: string): Promise<readonly PasskeyResponse[]>;
  /** @throws ServiceError `not_found`, `logged_out` */
  rename(by: CurrentSession, id: string, name: string, origin: Origin): Promise<PasskeyResponse>;
  /** @throws ServiceError `not_found`, `factor_needed`, and what `Accounts.proveFresh` throws */
  remove(asking: Asking, id: string): Promise<void>;
}

export interface MyPasskeysOptions {
  readonly store: PasskeyStore;
  readonly accounts: Pick<Accounts, "proveFresh">;
  readonly makeCodes: MyFactors["makeCodes"];
  readonly sessionStore: Pick<SessionStore, "inTurn" | "asking">;
  readonly challenges: PasskeyChallenges;
  readonly settings: PasskeySettings;
  /** What browsers show: where the account is. */
  readonly service: string;
}

export function createMyPasskeys(options: MyPasskeysOptions): MyPasskeys {
  const { store, accounts, makeCodes, sessionStore, challenges, settings, service } = options;
  const inTurn = createOwnersTurn(sessionStore);

  const prove = ({ by, password, origin, requester }: Asking) =>
    accounts.proveFresh(by, password, origin, requester);

  return {
    async options(asking) {
      const { userId, sid } = asking.by;
      const { account, passwordVersion, secondFactor } = await prove(asking);
      const known = await store.list(userId);
      const challenge = challenges.seal({ use: "add", userId, sid, passwordVersion, secondFactor });
      const { generateRegistrationOptions } = await loadWebauthn();
      const made = await generateRegistrationOptions({
        rpName: service,
        rpID: settings.rpId,
        userID: new TextEncoder().encode(userId),
        userName: account.email,
        userDisplayName: account.name ?? account.email,
        challenge: new Uint8Array(Buffer.from(challenge, "base64url")),
        timeout: challengeLifetimeMs,
        attestationType: "none",
        supportedAlgorithmIDs: [...passkeyAlgorithms],
      });
      return {
        challenge: made.challenge,
        rp: { id: settings.rpId, name: service },
        user: made.user,
        pubKeyCredParams: made.pubKeyCredParams,
        timeout: challengeLifetimeMs,
        attestation: "none",
        excludeCredentials: known.map(descriptorOf),
        // So that each can be a whole login: found without a name, and with whoever holds it shown.
        authenticatorSelection: {
          residentKey: "required",
          requireResidentKey: true,
          userVerification: "required",
        },
        extensions: { credProps: true },
      };
    },

    async add(by, { response, name = "Passkey" }, origin) {
      const text = readAnswer(response)?.challenge;
      const asked = text === undefined ? undefined : challenges.open(text, "add");
      // Made for this session alone: a password shown in another one was not shown here.
      if (text === undefined || asked?.userId !== by.userId || asked.sid !== by.sid) throw invalid();
      const made = await verifyNewPasskey(response, text, settings);
      if (made === undefined) throw invalid();
      const { shown, hashes } = makeCodes(by.userId);
      const result = await inTurn(by, origin, (owner) => store.add(owner, { ...made, name }, asked, hashes));
      if (result.outcome === "exists") throw new ServiceError("factor_exists");
      if (result.outcome === "too_many")
        throw new ServiceError("factor_exists", {
          detail: `An account has ${maxPasskeys} passkeys at most. Remove one that is not used any more.`,
        });
      if (result.outcome !== "added") throw invalid();
      const passkey = passkeyReplyOf(result.passkey);
      return result.isFirst ? { passkey, recovery_codes: shown } : { passkey };
    },

    async list(userId) {
      return (await store.list(userId)).map(passkeyReplyOf);
    },

    async rename(by, id, name, origin) {
      const result = await inTurn(by, origin, (owner) => store.rename(owner, id, name));
      if (result.outcome !== "renamed") throw new ServiceError("not_found");
      return passkeyReplyOf(result.passkey);
    },

    async remove(asking, id) {
      await prove(asking);
      const { outcome } = await inTurn(asking.by, asking.origin, (owner) => store.remove(owner, id));
      if (outcome === "unknown") throw new ServiceError("not_found");
      if (outcome === "needed") throw neededByRole();
      if (outcome === "only_way")
        throw new ServiceError("factor_needed", {
          detail: "The account has no password, and this is its last passkey. Add another one first.",
        });
    },
  };
}

function passkeyReplyOf({ id, name, backedUp, createdAtMs, lastUsedAtMs }: StoredPasskey): PasskeyResponse {
  return {
    id,
    name,
    backed_up: backedUp,
    created_at: isoTime(createdAtMs),
    last_used_at: lastUsedAtMs === null ? null : isoTime(lastUsedAtMs),
  };
}

function invalid(): ServiceError {
  return new ServiceError("passkey_invalid", {
    statusCode: 400,
    detail: "Ask for options once more, with POST /me/passkeys/options, and let the browser answer them.",
  });
}
