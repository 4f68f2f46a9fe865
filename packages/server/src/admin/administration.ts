// What administrators do with accounts: find, make, disable, remove them, end their sessions, set their roles.
import type { Account, AccountStatus, JsonObject } from "../accounts/account.ts";
import { rolesOfNewAccounts } from "../accounts/account.ts";
import { addressKeyOf, parseEmailAddress } from "../accounts/email-address.ts";
import { describeToApp } from "../accounts/claims-account.ts";
import { createFields, type Fields } from "../accounts/fields.ts";
import type { AccountStore } from "../accounts/store.ts";
import { ServiceError } from "../errors.ts";
import { type HookRunner, noHooks } from "../hooks/hooks.ts";
import { whileOutdated } from "../hooks/while-outdated.ts";
import type { Requester } from "../http/requester.ts";
import type { PasswordHashing } from "../passwords/hashing.ts";
import type { PasswordPolicy } from "../passwords/policy.ts";
import { ownersTurn } from "../passwords/turn.ts";
import type { SendReset } from "../password-reset/sending-store.ts";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";
import type { AskingRefusal } from "../sessions/asking.ts";
import type { SessionEntry } from "../sessions/session.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { StoredSessions } from "../sessions/store.ts";
import { type Actor, originOfActor } from "./actor.ts";
import { createAskingOf } from "./asking.ts";
import { checkRoles, neededFor } from "./new-roles.ts";
import type { Permissions } from "./permissions.ts";
import type { AccountSearch } from "./search-store.ts";

export interface NewAccountByAdmin {
  readonly email: string;
  readonly name?: string | undefined;
  /** Those of a sign-up by default. */
  readonly roles?: readonly string[] | undefined;
  /** From whoever runs the server alone. Without one, no password opens the account until it is reset. */
  readonly password?: string | undefined;
}

/**
 * Each verb asks again, in the statement that makes the change, whether the session of the account
 * that asks still lives, and whether that account may do this to the other one.
 *
 * @throws ServiceError of every change: `forbidden`, `logged_out`; of one account: `not_found`
 */
export interface Administration {
  readonly search: AccountSearch["search"];
  show(userId: string): Promise<Account>;
  /** @throws ServiceError `email_invalid`, `email_taken`, `roles_invalid`, `password_*`, `busy` */
  create(actor: Actor, account: NewAccountByAdmin, requester?: Requester): Promise<Account>;
  /** Ends all sessions; no login, renewal or cookie is good from then on. @throws ServiceError `last_administrator` */
  disable(actor: Actor, userId: string): Promise<Account>;
  /** Logging in is possible again; what ended stays over. */
  enable(actor: Actor, userId: string): Promise<Account>;
  /** The trail keeps the id and nothing else. @throws ServiceError `last_administrator` */
  remove(actor: Actor, userId: string): Promise<void>;
  /** @throws ServiceError `roles_invalid`, `last_administrator` */
  setRoles(actor: Actor, userId: string, roles: readonly string[]): Promise<Account>;
  /**
   * Has a mail sent to its owner that leads to a new password. Nobody sets another's password.
   *
   * @throws ServiceError `mail_off`, `account_disabled`
   */
  sendReset(actor: Actor, userId: string): Promise<void>;
  /**
   * Merges the patch (RFC 7396) into what the app keeps with the account.
   *
   * @throws ServiceError `metadata_invalid`, `unavailable`
   */
  changeAppMetadata(
    actor: Actor,
    userId: string,
    change: { readonly patch: JsonObject; readonly revokesTokens: boolean },
  ): Promise<Account>;
  /** By id or by address. @throws ServiceError `not_found` */
  find(idOrAddress: string): Promise<Account>;
  /** The live sessions, newest first. */
  sessions(userId: string): Promise<SessionEntry[]>;
  endSession(actor: Actor, userId: string, sid: string): Promise<void>;
  endSessions(actor: Actor, userId: string): Promise<void>;
}

export interface AdministrationOptions {
  readonly accounts: Pick<
    AccountStore,
    "get" | "findByEmail" | "create" | "setRoles" | "setStatus" | "changeAppMetadata" | "delete"
  >;
  /** @default nothing is kept */
  readonly appMetadata?: Fields | undefined;
  readonly search: AccountSearch;
  readonly sessions: Pick<StoredSessions, "list" | "end" | "endAll">;
  /** Knows of cookie sessions that the store does not know of. */
  readonly sessionStore: Pick<SessionStore, "list" | "inTurn" | "asking" | "end" | "endOthers">;
  /** Undefined where no mail can be sent. */
  readonly sendReset: SendReset | undefined;
  readonly permissions: Permissions;
  /** A command beside no server has none: they are the app's. */
  readonly hooks?: Pick<HookRunner, "before" | "after"> | undefined;
  readonly hashing: Pick<PasswordHashing, "hash">;
  readonly passwordPolicy: PasswordPolicy;
  readonly randomBytes?: RandomBytes | undefined;
}

export function createAdministration(options: AdministrationOptions): Administration {
  const { accounts, search, sessions, sessionStore, sendReset, permissions, hashing } = options;
  const { hooks = noHooks, appMetadata: fields = createFields({ name: "app_metadata" }) } = options;
  const { passwordPolicy, randomBytes = systemRandomBytes } = options;

  const askingOf = createAskingOf(permissions, sessionStore);

  async function show(userId: string): Promise<Account> {
    const account = await accounts.get(userId);
    if (account === undefined) throw new ServiceError("not_found");
    return account;
  }

  async function setStatus(actor: Actor, userId: string, status: AccountStatus): Promise<Account> {
    const origin = originOfActor(actor);
    return sessionStore.inTurn(userId, async () => {
      const result = await accounts.setStatus(userId, status, origin, askingOf(actor, ["users:write"]));
      if (result.outcome !== "changed") throw refusalOf(result.outcome);
      if (status === "disabled") await sessionStore.endOthers(userId, null, "disabled", origin);
      return result.account;
    });
  }

  /** A hash that no password has: of 256 random bits that nobody is told. */
  function unusablePassword(): string {
    return Buffer.from(randomBytes(32)).toString("base64url");
  }

  return {
    search: (wanted) => search.search(wanted),

    show,

    async find(text) {
      const found = text.includes("@")
        ? (await accounts.findByEmail(addressKeyOf(text)))?.account
        : await accounts.get(text);
      if (found === undefined) throw new ServiceError("not_found");
      return found;
    },

    async create(actor, { email: emailText, name, roles = rolesOfNewAccounts, password }, requester = {}) {
      const email = parseEmailAddress(emailText);
      if (email === undefined) throw new ServiceError("email_invalid");
      checkRoles(roles);
      // Nobody sets another's password: only whoever has the server in hand may give the first one.
      if (password !== undefined && !("operator" in actor)) throw new ServiceError("forbidden");
      const accepted =
        password === undefined
          ? unusablePassword()
          : passwordPolicy.accept(password, [email.key, name ?? ""]);
      const account = {
        email: email.address,
        emailKey: email.key,
        name: name ?? null,
        passwordHash: await hashing.hash(accepted, ownersTurn(requester, email.key)),
        roles,
      };
      const result = await accounts.create(
        account,
        originOfActor(actor),
        askingOf(actor, neededFor(roles), roles),
      );
      if (result.outcome !== "created") throw refusalOf(result.outcome);
      return result.account;
    },

    disable: (actor, userId) => setStatus(actor, userId, "disabled"),
    enable: (actor, userId) => setStatus(actor, userId, "active"),

    async remove(actor, userId) {
      const origin = originOfActor(actor);
      const told = { account: describeToApp(await show(userId)) };
      await hooks.before("deletion", told);
      await sessionStore.inTurn(userId, async () => {
        const { outcome } = await accounts.delete(userId, origin, askingOf(actor, ["users:write"]));
        if (outcome !== "deleted") throw refusalOf(outcome);
        hooks.after("deletion", told);
        await sessionStore.endOthers(userId, null, "deleted", origin);
      });
    },

    async setRoles(actor, userId, roles) {
      checkRoles(roles);
      const asking = askingOf(actor, ["roles:write"], roles);
      const result = await accounts.setRoles(userId, roles, originOfActor(actor), asking);
      if (result.outcome !== "changed") throw refusalOf(result.outcome);
      return result.account;
    },

    async sendReset(actor, userId) {
      await show(userId);
      if (sendReset === undefined) throw new ServiceError("mail_off");
      const { outcome } = await sendReset(userId, originOfActor(actor), askingOf(actor, ["users:write"]));
      if (outcome === "disabled") throw new ServiceError("account_disabled");
      if (outcome !== "sent") throw refusalOf(outcome);
    },

    changeAppMetadata(actor, userId, { patch, revokesTokens }) {
      return whileOutdated(async () => {
        const account = await show(userId);
        const appMetadata = await fields.patched(account.appMetadata, patch);
        const result = await accounts.changeAppMetadata(
          { userId, accountVersion: account.claimsVersion, appMetadata, revokesTokens },
          originOfActor(actor),
          askingOf(actor, ["users:write"]),
        );
        if (result.outcome === "outdated") return "outdated";
        if (result.outcome !== "changed") throw refusalOf(result.outcome);
        return result.account;
      });
    },

    async sessions(userId) {
      await show(userId);
      return [...(await sessions.list(userId)), ...(await sessionStore.list(userId))].toSorted(
        (a, b) => b.openedAtMs - a.openedAtMs,
      );
    },

    async endSession(actor, userId, sid) {
      const origin = originOfActor(actor);
      await sessionStore.inTurn(userId, async () => {
        const asking = askingOf(actor, ["sessions:write"]);
        const outcome = await sessions.end({ sid, userId }, "revoked", origin, asking);
        if (outcome === "ended" || outcome === "already_ended") return;
        if (outcome !== "unknown") throw refusalOf(outcome);
        // Judged above: one of this process alone.
        if (!(await sessionStore.end(userId, sid, "revoked", origin))) throw new ServiceError("not_found");
      });
    },

    async endSessions(actor, userId) {
      await show(userId);
      const origin = originOfActor(actor);
      await sessionStore.inTurn(userId, async () => {
        const asking = askingOf(actor, ["sessions:write"]);
        const ended = await sessions.endAll(userId, null, "revoked", origin, asking);
        if (typeof ended === "string") throw refusalOf(ended);
        await sessionStore.endOthers(userId, null, "revoked", origin);
      });
    },
  };
}

function refusalOf(
  outcome: "unknown" | "email_taken" | "code_invalid" | "last_administrator" | AskingRefusal,
): ServiceError {
  return new ServiceError(outcome === "unknown" ? "not_found" : outcome);
}
