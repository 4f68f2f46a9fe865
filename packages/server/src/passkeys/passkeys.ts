// A passkey as the whole login, and as its second factor.
import type { PasskeyRequestOptions } from "@countersign/client";
import type { AccountCredentials } from "../accounts/account.ts";
import { addressKeyOf } from "../accounts/email-address.ts";
import type { Origin } from "../database/audit-event.ts";
import type { Devices } from "../devices/devices.ts";
import { ServiceError } from "../errors.ts";
import type { Proof } from "../login/finish.ts";
import type { ShowPasskey } from "../second-factor/second-factor.ts";
import { multiFactor } from "../sessions/session.ts";
import type { PasskeySettings } from "../settings/passkeys.ts";
import { challengeLifetimeMs, type OpenedPurpose, type PasskeyChallenges } from "./challenges.ts";
import { descriptorOf } from "./descriptor.ts";
import type { PasskeyStore, StoredPasskey } from "./store.ts";
import { readAnswer, type ShownPasskey, verifyShownPasskey } from "./verification.ts";

export interface Passkeys {
  /** For a login by whoever holds a passkey of this site: no account is named, so none can be asked about. */
  loginOptions(): PasskeyRequestOptions;
  /** For the second half of this account's login. @throws ServiceError `not_found` where it has no passkey */
  factorOptions(userId: string): Promise<PasskeyRequestOptions>;
  /**
   * Whose passkey this is, once. An unknown passkey, a wrong answer and a disabled account are told alike.
   *
   * @throws ServiceError `passkey_invalid`
   */
  prove(response: object, origin: Origin, deviceTokens?: readonly string[]): Promise<Proof>;
  /**
   * Beside what was shown before any passkey of the account will do: asked for with its own options, with the person
   * verified or not, and of somebody who is logged in with those of a login, too.
   */
  readonly show: ShowPasskey;
}

export interface PasskeysOptions {
  readonly store: Pick<PasskeyStore, "list" | "find" | "use">;
  readonly accounts: { credentials(userId: string): Promise<AccountCredentials | undefined> };
  readonly challenges: PasskeyChallenges;
  readonly settings: PasskeySettings;
  readonly devices: Pick<Devices, "recognise">;
}

export function createPasskeys({
  store,
  accounts,
  challenges,
  settings,
  devices,
}: PasskeysOptions): Passkeys {
  const optionsOf = (challenge: string) => ({
    challenge,
    rpId: settings.rpId,
    timeout: challengeLifetimeMs,
  });

  /** The passkey that gave this answer, to a challenge of ours for this use. */
  async function judge<Use extends "log_in" | "second_factor">(
    response: object,
    use: Use,
  ): Promise<
    | {
        readonly passkey: StoredPasskey;
        readonly shown: ShownPasskey;
        readonly challenge: OpenedPurpose<Use>;
        readonly namesOwner: boolean;
      }
    | undefined
  > {
    const answer = readAnswer(response);
    const challenge = answer && challenges.open(answer.challenge, use);
    if (answer === undefined || challenge === undefined) return undefined;
    const passkey = await store.find(answer.id);
    if (passkey === undefined) return undefined;
    const handle = Buffer.from(passkey.userId).toString("base64url");
    if (answer.userHandle !== undefined && answer.userHandle !== handle) return undefined;
    const rules = { ...settings, needsUser: use === "log_in" };
    const shown = await verifyShownPasskey(response, answer.challenge, passkey, rules);
    return shown && { passkey, shown, challenge, namesOwner: answer.userHandle !== undefined };
  }

  /** RFC 8176 §2 has `user` and `mfa`; `pop`, the possession of a key, is of OpenID's EAP ACR Values §3. */
  const amrOf = (factors: readonly string[]) => ["pop", "user", ...factors];

  return {
    loginOptions: () => ({ ...optionsOf(challenges.seal({ use: "log_in" })), userVerification: "required" }),

    async factorOptions(userId) {
      const known = await store.list(userId);
      if (known.length === 0) throw new ServiceError("not_found", { detail: "The account has no passkey." });
      return {
        ...optionsOf(challenges.seal({ use: "second_factor", userId })),
        userVerification: "preferred",
        allowCredentials: known.map(descriptorOf),
      };
    },

    async prove(response, origin, deviceTokens = []) {
      const judged = await judge(response, "log_in");
      // WebAuthn §7.2: without a name before it, the answer must say whose it is.
      if (judged?.shown.userVerified !== true || !judged.namesOwner)
        throw new ServiceError("passkey_invalid");
      const { passkey, shown, challenge } = judged;
      const credentials = await accounts.credentials(passkey.userId);
      if (credentials?.account.status !== "active") throw new ServiceError("passkey_invalid");
      if (!(await store.use(passkey, shown, challenge, origin))) throw new ServiceError("passkey_invalid");
      const { account, passwordVersion, deviceEpoch } = credentials;
      const device = await devices.recognise(deviceTokens, addressKeyOf(account.email));
      // The device that holds it and the person that it has verified: two factors.
      return {
        account,
        passwordVersion,
        deviceEpoch,
        device,
        factor: { kind: "passkey", id: passkey.id },
        amr: amrOf([multiFactor]),
      };
    },

    async show(response, userId, origin, { isLoggedIn }) {
      const ofFactor = await judge(response, "second_factor");
      if (ofFactor !== undefined && ofFactor.challenge.userId !== userId) return undefined;
      const judged = ofFactor ?? (isLoggedIn ? await judge(response, "log_in") : undefined);
      if (judged?.passkey.userId !== userId) return undefined;
      const { passkey, shown, challenge } = judged;
      if (!(await store.use(passkey, shown, challenge, origin))) return undefined;
      return { amr: amrOf([multiFactor]), factor: { kind: "passkey", id: passkey.id } };
    },
  };
}
