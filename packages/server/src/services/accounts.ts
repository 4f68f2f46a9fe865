// Accounts: signing up, and proving with a password that one is the owner.
import { randomBytes } from "node:crypto";
import { ServiceError } from "../errors.ts";
import type { Account, Store } from "../store/store.ts";
import { parseEmailAddress } from "./email-address.ts";
import type { PasswordHashing } from "./password-hashing.ts";
import { acceptNewPassword, normalisePassword } from "./password-policy.ts";

export interface SignupInput {
  readonly email: string;
  readonly password: string;
  readonly name: string | undefined;
}

export interface Accounts {
  /** @throws ServiceError `email_invalid`, `password_*`, `email_taken`, `busy` */
  signup(input: SignupInput): Promise<Account>;
  /** The account that this email and password open. @throws ServiceError `invalid_credentials`, `busy` */
  authenticate(email: string, password: string): Promise<Account>;
  /** @throws ServiceError `not_found` */
  get(id: string): Promise<Account>;
}

const rolesOfNewAccounts: readonly string[] = ["user"];

export function createAccounts(store: Store, hashing: PasswordHashing): Accounts {
  return {
    async signup({ email: emailText, password, name }) {
      const email = parseEmailAddress(emailText);
      if (email === undefined) throw new ServiceError("email_invalid");
      const accepted = acceptNewPassword(password, [
        ...email.key.split(/[@.]/),
        ...(name ?? "").split(/\s+/),
      ]);
      const result = await store.accounts.create({
        id: randomBytes(16).toString("base64url"),
        email: email.address,
        emailKey: email.key,
        name: name ?? null,
        passwordHash: await hashing.hash(accepted),
        roles: rolesOfNewAccounts,
      });
      // The unique index decided, so of two requests at once exactly one comes here.
      if (result.outcome === "email_taken") throw new ServiceError("email_taken");
      return result.account;
    },

    async authenticate(emailText, passwordText) {
      const email = parseEmailAddress(emailText);
      const password = normalisePassword(passwordText);
      const account = email === undefined ? undefined : await store.accounts.findByEmailKey(email.key);
      const usable = account?.status === "active" ? account : undefined;
      // Unknown and disabled accounts cost the same hash as the others.
      const matches = await hashing.verify(usable?.passwordHash, password);
      if (usable === undefined || !matches) throw new ServiceError("invalid_credentials");
      if (hashing.isOutdated(usable.passwordHash)) await upgradeHash(usable, password);
      return usable;
    },

    async get(id) {
      const account = await store.accounts.find(id);
      if (account === undefined) throw new ServiceError("not_found");
      return account;
    },
  };

  /** A login never fails because the upgrade did. */
  async function upgradeHash(account: Account, password: string): Promise<void> {
    try {
      const newHash = await hashing.hash(password);
      await store.accounts.replacePasswordHash({ id: account.id, oldHash: account.passwordHash, newHash });
    } catch {
      // The next login tries again.
    }
  }
}
