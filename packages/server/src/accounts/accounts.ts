// Accounts: signing up, proving with a password that one is the owner, and what an owner may
// change.
import { ServiceError } from "../errors.ts";
import type { Account, AccountCredentials } from "./account.ts";
import type { Origin } from "../database/audit-event.ts";
import type { AccountStore } from "./store.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { parseEmailAddress } from "./email-address.ts";
import type { PasswordHashing } from "../passwords/hashing.ts";
import { acceptNewPassword, normalisePassword } from "../passwords/policy.ts";

export interface SignupInput {
  readonly email: string;
  readonly password: string;
  readonly name: string | undefined;
}

export interface PasswordChange {
  readonly userId: string;
  readonly currentPassword: string;
  readonly newPassword: string;
  /** The session that asks, which alone lives on. */
  readonly keepSid: string | null;
}

export interface Accounts {
  /** @throws ServiceError `email_invalid`, `password_*`, `email_taken`, `busy` */
  signup(input: SignupInput, origin: Origin): Promise<Account>;
  /**
   * The account that this email and password open.
   *
   * @throws ServiceError `invalid_credentials`, `busy`
   */
  authenticate(email: string, password: string): Promise<AccountCredentials>;
  /** @throws ServiceError `not_found` */
  get(userId: string): Promise<Account>;
  /** @throws ServiceError `not_found` */
  rename(userId: string, name: string | null, origin: Origin): Promise<Account>;
  /**
   * All other sessions end in the same transaction.
   *
   * @throws ServiceError `invalid_credentials`, `password_*`, `busy`
   */
  changePassword(change: PasswordChange, origin: Origin): Promise<void>;
  /** Needs the password once more. @throws ServiceError `invalid_credentials`, `busy` */
  remove(userId: string, password: string, origin: Origin): Promise<void>;
}

const rolesOfNewAccounts: readonly string[] = ["user"];

export interface AccountsOptions {
  readonly store: Pick<
    AccountStore,
    | "create"
    | "get"
    | "findByEmail"
    | "credentials"
    | "changeName"
    | "changePassword"
    | "replacePasswordHash"
    | "delete"
  >;
  readonly hashing: PasswordHashing;
  /** Told of new passwords, for the sessions that the database does not know of. */
  readonly sessionStore: Pick<SessionStore, "endOthers">;
}

export function createAccounts({ store, hashing, sessionStore }: AccountsOptions): Accounts {
  /** Unknown and disabled accounts cost the same hash as the others. */
  async function verifyPassword(
    credentials: AccountCredentials | undefined,
    passwordText: string,
  ): Promise<AccountCredentials> {
    const password = normalisePassword(passwordText);
    const usable = credentials?.account.status === "active" ? credentials : undefined;
    const matches = await hashing.verify(usable?.passwordHash, password);
    if (usable === undefined || !matches) throw new ServiceError("invalid_credentials");
    if (hashing.isOutdated(usable.passwordHash)) await upgradeHash(usable, password);
    return usable;
  }

  /** A login never fails because the upgrade did: the next one tries again. */
  async function upgradeHash({ account, passwordHash }: AccountCredentials, password: string): Promise<void> {
    try {
      await store.replacePasswordHash(account.id, passwordHash, await hashing.hash(password));
    } catch {
      // Deliberately nothing, see above.
    }
  }

  return {
    async signup({ email: emailText, password, name }, origin) {
      const email = parseEmailAddress(emailText);
      if (email === undefined) throw new ServiceError("email_invalid");
      const accepted = acceptNewPassword(password, contextWords(email.key, name));
      const account = {
        email: email.address,
        emailKey: email.key,
        name: name ?? null,
        passwordHash: await hashing.hash(accepted),
        roles: rolesOfNewAccounts,
      };
      const result = await store.create(account, origin);
      // The unique index decided, so of two requests at once exactly one comes here.
      if (result.outcome === "email_taken") throw new ServiceError("email_taken");
      return result.account;
    },

    async authenticate(emailText, password) {
      const email = parseEmailAddress(emailText);
      return verifyPassword(email && (await store.findByEmail(email.key)), password);
    },

    async get(userId) {
      return existing(await store.get(userId));
    },

    async rename(userId, name, origin) {
      const result = await store.changeName(userId, name, origin);
      return existing(result.outcome === "changed" ? result.account : undefined);
    },

    async changePassword({ userId, currentPassword, newPassword, keepSid }, origin) {
      const credentials = await verifyPassword(await store.credentials(userId), currentPassword);
      const { email, name } = credentials.account;
      const newHash = await hashing.hash(
        acceptNewPassword(newPassword, contextWords(email, name ?? undefined)),
      );
      const { passwordVersion } = credentials;
      const result = await store.changePassword({ userId, passwordVersion, newHash, keepSid }, origin);
      // Somebody else changed it, or disabled the account, since it was checked.
      if (result.outcome === "outdated") throw new ServiceError("invalid_credentials");
      sessionStore.endOthers(userId, keepSid, passwordVersion + 1);
    },

    async remove(userId, password, origin) {
      await verifyPassword(await store.credentials(userId), password);
      await store.delete(userId, origin);
    },
  };
}

function contextWords(email: string, name: string | undefined): string[] {
  return [...email.split(/[@.]/), ...(name ?? "").split(/\s+/)];
}

function existing(account: Account | undefined): Account {
  if (account === undefined) throw new ServiceError("not_found");
  return account;
}
