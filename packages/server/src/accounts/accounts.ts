// Accounts: signing up, proving with a password that one is the owner, and what an owner may
// change.
import { twoFactorAcr } from "@countersign/verifier";
import { ServiceError } from "../errors.ts";
import { type Account, type AccountCredentials, type JsonObject, rolesOfNewAccounts } from "./account.ts";
import type { Origin } from "../database/audit-event.ts";
import type { AccountStore } from "./store.ts";
import { type CurrentSession, firstPartyClientId, type SessionGrant } from "../sessions/session.ts";
import type { AddedClaims } from "../tokens/access-tokens.ts";
import type { ClaimsMaker, MadeClaims } from "../tokens/app-claims.ts";
import { type HookRunner, noHooks } from "../hooks/hooks.ts";
import { whileOutdated } from "../hooks/while-outdated.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { SuccessorCarrier } from "../sessions/succession.ts";
import type { Locale } from "../mail/locale.ts";
import { describeToApp } from "./claims-account.ts";
import type { Invitations } from "../invitations/invitations.ts";
import type { FoundCode } from "../one-time-codes/store.ts";
import { type EmailAddress, parseEmailAddress } from "./email-address.ts";
import { createFields, type Fields } from "./fields.ts";
import { createProving, type ProofOutcomes, wrongPassword } from "./proving.ts";
import type { PasswordHashing } from "../passwords/hashing.ts";
import type { Requester } from "../http/requester.ts";
import { devicesTurn, newcomersTurn, ownersTurn, provenTurn, strangersTurn } from "../passwords/turn.ts";
import type { PasswordPolicy } from "../passwords/policy.ts";
import type { Throttling } from "../throttling/throttling.ts";

export interface SignupInput {
  readonly email: string;
  readonly password: string;
  readonly name: string | undefined;
  /** The language of the account's mail. */
  readonly locale?: Locale | undefined;
  /** The token of a mail that invited to this address. */
  readonly invitation?: string | undefined;
}

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
  /** How the client will hold the successor of the session that asks: as it held that one. */
  readonly carrier: SuccessorCarrier;
}

export interface ChangedPassword {
  /** What the tokens of the asking session's successor say. */
  readonly successor: SessionGrant;
  /** What the app adds to them. */
  readonly claims: AddedClaims | undefined;
  /** What the device token of whoever changed it says. */
  readonly deviceEpoch: number;
}

/** Who asks for what needs a fresh login, and how they logged in. */
export interface AskingOwner extends CurrentSession {
  /** Whole seconds. */
  readonly authTime: number;
  readonly factors: 1 | 2;
}

/** The session that asks, and how its owner logged in (RFC 8176). */
export interface LoggedInSession extends CurrentSession {
  readonly amr: readonly string[];
}

export interface Accounts {
  /** @throws ServiceError `email_invalid`, `email_not_allowed`, `signup_closed`, `invitation_needed`,
   *   `code_invalid`, `password_*`, `email_taken`, `too_many_attempts`, `busy` */
  signup(input: SignupInput, origin: Origin, requester?: Requester): Promise<Account>;
  /**
   * The same for whoever is not to learn whether the address has an account: a mail to it says the rest.
   *
   * @throws ServiceError as `signup` does, but for `email_taken`
   */
  signupUntold(input: SignupInput, origin: Origin, requester?: Requester): Promise<void>;
  /**
   * The account that this address and password open; where the text was no address, none does. `device` is the id of the
   * known device that asks.
   *
   * @throws ServiceError `invalid_credentials`, `busy`
   */
  authenticate(
    email: EmailAddress | undefined,
    password: string,
    requester?: Requester,
    device?: string,
  ): Promise<AccountCredentials>;
  /** @throws ServiceError `not_found` */
  get(userId: string): Promise<Account>;
  /** @throws ServiceError `not_found`, `logged_out` */
  rename(asking: CurrentSession, name: string | null, origin: Origin): Promise<Account>;
  /**
   * Merges the patch (RFC 7396) into what the owner keeps with the account.
   *
   * @throws ServiceError `metadata_invalid`, `not_found`, `logged_out`, `unavailable`
   */
  changeMetadata(
    asking: CurrentSession,
    change: { readonly patch: JsonObject; readonly name: string | null | undefined },
    origin: Origin,
  ): Promise<Account>;
  /** Who is logged in shows the password again. @throws ServiceError as `proveFresh` does for a password */
  provePassword(
    userId: string,
    password: string,
    origin: Origin,
    requester?: Requester,
  ): Promise<AccountCredentials>;
  /**
   * Lets through who shows the current password, or has logged in within the last five minutes; either way at the
   * highest level that the account can reach.
   *
   * @throws ServiceError `factor_missing`, `authentication_too_old`, `invalid_credentials` (403), `too_many_attempts`,
   *   `busy`
   */
  proveFresh(
    asking: AskingOwner,
    password: string | undefined,
    origin: Origin,
    requester?: Requester,
  ): Promise<AccountCredentials>;
  /**
   * Every session ends in the same transaction, and no device is known any more. The session that
   * asked has a successor, so a copy that somebody took of it is dead like all others.
   *
   * @throws ServiceError `invalid_credentials` (403), `password_*`, `too_many_attempts`, `busy`, `logged_out`
   */
  changePassword(
    asking: LoggedInSession,
    change: PasswordChange,
    origin: Origin,
    requester?: Requester,
  ): Promise<ChangedPassword>;
  /** Needs what `proveFresh` does. @throws ServiceError as that, `last_administrator`, `refused_by_app`, `logged_out` */
  remove(
    asking: AskingOwner,
    password: string | undefined,
    origin: Origin,
    requester?: Requester,
  ): Promise<void>;
}

/** How long ago a login may be that stands for the password. */
const freshSeconds = 300;

export interface AccountsOptions {
  readonly store: Pick<
    AccountStore,
    | "create"
    | "get"
    | "findByEmail"
    | "credentials"
    | "changeName"
    | "changeMetadata"
    | "changePassword"
    | "replacePasswordHash"
    | "delete"
  >;
  readonly hashing: Pick<PasswordHashing, "hash" | "verify" | "isOutdated">;
  /** Told of new passwords, for the sessions that the database does not know of. */
  readonly sessionStore: Pick<SessionStore, "inTurn" | "asking" | "succeed" | "endOthers">;
  readonly proofs: ProofOutcomes;
  readonly throttling: Pick<Throttling, "guess" | "signup">;
  /** @default nothing is kept */
  readonly metadata?: Fields | undefined;
  /** Who may sign up. @default everybody */
  readonly signup?: "open" | "invite" | "closed" | undefined;
  /** Who was invited. @default nobody */
  readonly invitations?: Invitations | undefined;
  /** Whose addresses may; none: all. */
  readonly signupDomains?: readonly string[] | undefined;
  readonly hooks?: Pick<HookRunner, "before" | "after"> | undefined;
  readonly appClaims?: ClaimsMaker | undefined;
  /** Whether whoever signs up is asked by mail to confirm the address. @default false */
  readonly asksToVerify?: boolean | undefined;
  readonly passwordPolicy: PasswordPolicy;
  /** Milliseconds since the epoch. */
  readonly nowMs?: (() => number) | undefined;
}

export function createAccounts(options: AccountsOptions): Accounts {
  const {
    store,
    hashing,
    sessionStore,
    throttling,
    appClaims,
    asksToVerify,
    hooks = noHooks,
    passwordPolicy,
  } = options;
  const { metadata: fields = createFields({ name: "metadata" }) } = options;
  const { nowMs = () => Date.now() } = options;
  const { signup: signupPolicy = "open", signupDomains = [], invitations } = options;
  const { verifyPassword, proveAgain } = createProving(options);

  /** For the tokens of a session's successor. Undefined where nothing is added. */
  async function makeClaims({ userId, amr }: LoggedInSession): Promise<MadeClaims | undefined> {
    if (appClaims === undefined) return undefined;
    const made = await appClaims.make(userId, { clientId: firstPartyClientId, amr });
    // Disabled or deleted since the password was checked.
    if (made === undefined) throw wrongPassword();
    return made;
  }

  function checkPolicy({ invitation }: SignupInput): void {
    if (signupPolicy === "closed") throw new ServiceError("signup_closed");
    if (signupPolicy === "invite" && invitation === undefined) throw new ServiceError("invitation_needed");
  }

  async function findInvitation(token: string, emailKey: string): Promise<FoundCode> {
    if (invitations === undefined) throw new ServiceError("code_invalid");
    return invitations.find(token, emailKey);
  }

  async function proveFresh(
    { userId, authTime, factors }: AskingOwner,
    password: string | undefined,
    origin: Origin,
    requester: Requester = {},
  ): Promise<AccountCredentials> {
    const known = await store.credentials(userId);
    if (known?.account.status !== "active") throw new ServiceError("logged_out");
    if (known.secondFactor && factors !== 2)
      throw new ServiceError("factor_missing", { stepUp: { acr_values: twoFactorAcr } });
    if (password !== undefined) return proveAgain(userId, password, origin, ownersTurn(requester, userId));
    if (nowMs() / 1000 - authTime > freshSeconds)
      throw new ServiceError("authentication_too_old", { stepUp: { max_age: String(freshSeconds) } });
    return known;
  }

  async function createAccount(
    { email: emailText, password, name, locale, invitation: token }: SignupInput,
    origin: Origin,
    requester: Requester = {},
    tellsIfTaken = false,
  ): Promise<Account | undefined> {
    const email = parseEmailAddress(emailText);
    if (email === undefined) throw new ServiceError("email_invalid");
    // Before anything is hashed, and whoever was invited may have an address of any domain.
    const invitation = token === undefined ? undefined : await findInvitation(token, email.key);
    // Of the key, as that is what was normalised. A domain below an allowed one is another's mail.
    const domain = email.key.slice(email.key.lastIndexOf("@") + 1);
    if (invitation === undefined && signupDomains.length > 0 && !signupDomains.includes(domain))
      throw new ServiceError("email_not_allowed");
    const accepted = passwordPolicy.accept(password, [email.key, name ?? ""]);
    const account = {
      email: email.address,
      emailKey: email.key,
      name: name ?? null,
      passwordHash: await hashing.hash(accepted, newcomersTurn(requester, email.key)),
      roles: rolesOfNewAccounts,
      locale,
      asksToVerify,
      invitation,
      isSignup: true,
      tellsIfTaken,
    };
    await hooks.before("signup", { email: email.address, name: account.name });
    const result = await store.create(account, origin);
    // The unique index decided, so of two requests at once exactly one is created.
    if (result.outcome === "email_taken") return undefined;
    if (result.outcome !== "created") throw new ServiceError(result.outcome);
    hooks.after("signup", { account: describeToApp(result.account) });
    return result.account;
  }

  return {
    async signup(input, origin, requester) {
      checkPolicy(input);
      return throttling.signup(origin, async () => {
        const account = await createAccount(input, origin, requester);
        if (account === undefined) throw new ServiceError("email_taken");
        return account;
      });
    },

    async signupUntold(input, origin, requester) {
      checkPolicy(input);
      await throttling.signup(origin, () => createAccount(input, origin, requester, true));
    },

    async authenticate(email, password, requester = {}, device) {
      const key = email?.key ?? "";
      const turn = device === undefined ? strangersTurn(requester, key) : devicesTurn(requester, key, device);
      return verifyPassword(email && (await store.findByEmail(email.key)), password, turn);
    },

    async get(userId) {
      return existing(await store.get(userId));
    },

    provePassword: (userId, password, origin, requester = {}) =>
      proveAgain(userId, password, origin, ownersTurn(requester, userId)),

    proveFresh,

    async rename(current, name, origin) {
      const { userId } = current;
      const result = await sessionStore.inTurn(userId, () =>
        store.changeName(userId, name, origin, sessionStore.asking(current)),
      );
      if (result.outcome === "logged_out") throw new ServiceError("logged_out");
      return existing(result.outcome === "changed" ? result.account : undefined);
    },

    changeMetadata(current, { patch, name }, origin) {
      const { userId } = current;
      return whileOutdated(async () => {
        const account = existing(await store.get(userId));
        const metadata = await fields.patched(account.metadata, patch);
        return sessionStore.inTurn(userId, async () => {
          const change = { userId, accountVersion: account.claimsVersion, metadata, name };
          const result = await store.changeMetadata(change, origin, sessionStore.asking(current));
          if (result.outcome === "outdated") return "outdated";
          if (result.outcome === "logged_out") throw new ServiceError("logged_out");
          return existing(result.outcome === "changed" ? result.account : undefined);
        });
      });
    },

    async changePassword(asking, { currentPassword, newPassword, carrier }, origin, requester = {}) {
      const { userId, sid } = asking;
      const turn = ownersTurn(requester, userId);
      const { account, passwordVersion } = await proveAgain(userId, currentPassword, origin, turn);
      const newHash = await hashing.hash(
        passwordPolicy.accept(newPassword, [account.email, account.name ?? ""]),
        provenTurn(requester),
      );
      const told = { account: describeToApp(account) };
      await hooks.before("passwordChange", told);
      return whileOutdated(async () => {
        const made = carrier.kind === "token" ? await makeClaims(asking) : undefined;
        return sessionStore.inTurn(userId, async () => {
          const asked = { by: sessionStore.asking(asking), successor: carrier };
          const change = { userId, passwordVersion, newHash, asked, accountVersion: made?.accountVersion };
          const result = await store.changePassword(change, origin);
          if (result.outcome === "claims_outdated") return "outdated";
          if (result.outcome === "logged_out") throw new ServiceError("logged_out");
          // Somebody else changed it, or disabled the account, since it was checked.
          if (result.outcome === "outdated") throw wrongPassword();
          const successor = result.successor ?? (await succeedHere());
          await sessionStore.endOthers(userId, successor?.sid ?? null, "password_changed", origin);
          hooks.after("passwordChange", told);
          // It reached a limit while the database wrote the new password, which holds all the same.
          if (successor === undefined) throw new ServiceError("logged_out");
          return { successor, claims: made?.claims, deviceEpoch: result.deviceEpoch };
        });
      });

      async function succeedHere(): Promise<SessionGrant | undefined> {
        if (carrier.kind !== "cookie") return undefined;
        const predecessor = { userId, sid, passwordVersion: passwordVersion + 1 };
        return sessionStore.succeed(predecessor, carrier.secretHash, origin);
      }
    },

    async remove(current, password, origin, requester) {
      const { userId } = current;
      const { account, passwordVersion } = await proveFresh(current, password, origin, requester);
      const told = { account: describeToApp(account) };
      await hooks.before("deletion", told);
      await sessionStore.inTurn(userId, async () => {
        const asking = sessionStore.asking(current);
        const { outcome } = await store.delete(userId, origin, { asking, passwordVersion });
        if (outcome === "logged_out" || outcome === "last_administrator") throw new ServiceError(outcome);
        // The password has changed since it was checked, or the account went by another way.
        if (outcome === "unknown")
          throw password === undefined ? new ServiceError("logged_out") : wrongPassword();
        hooks.after("deletion", told);
        await sessionStore.endOthers(userId, null, "deleted", origin);
      });
    },
  };
}

function existing(account: Account | undefined): Account {
  if (account === undefined) throw new ServiceError("not_found");
  return account;
}
