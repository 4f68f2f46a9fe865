// Accounts: who may log in, and what changes about them does to their sessions.

import { sql } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import { forgetsDevices } from "../devices/store.ts";
import type { TakeInvitation } from "../invitations/taking-store.ts";
import { knownLocale } from "../mail/locale.ts";
import { type Mailing, noMailing } from "../mail/store.ts";
import {
  type AskingAccount,
  type AskingRefusal,
  type AskingSession,
  createChangeAsked,
  createChangeAskedBy,
} from "../sessions/asking.ts";
import { endSessionsOf } from "../sessions/ending.ts";
import type { SessionGrant, SessionLimits } from "../sessions/session.ts";
import { openSuccessor, type SuccessorCarrier } from "../sessions/succession.ts";
import { newId, type RandomBytes, systemRandomBytes } from "../randomness.ts";
import type { Account, AccountCredentials, NewAccount } from "./account.ts";
import type { Administrators } from "./administrators.ts";
import { createFieldsStore, type FieldsStore } from "./fields-store.ts";
import {
  accountColumns,
  accountOf,
  type AccountRow,
  changesClaims,
  credentialColumns,
  credentialsOf,
} from "./rows.ts";
import { isReserved } from "./reservations.ts";
import { type AccountChanged, createStandingStore, type StandingStore } from "./standing-store.ts";

/** The session that asked for the change is over, so nothing was changed. */
interface LoggedOut {
  readonly outcome: "logged_out";
}

export interface AccountStore extends StandingStore, FieldsStore {
  /**
   * The unique index on the normalised address decides between two sign-ups at once. With `by`,
   * while that account may.
   */
  create(
    account: NewAccount,
    origin?: Origin,
    by?: AskingAccount,
  ): Promise<
    | { readonly outcome: "created"; readonly account: Account }
    | { readonly outcome: "email_taken" | "code_invalid" | AskingRefusal }
  >;
  get(userId: string): Promise<Account | undefined>;
  /** What a login needs, by the normalised address. */
  findByEmail(emailKey: string): Promise<AccountCredentials | undefined>;
  /** The same by id, for who is logged in and must show the password again. */
  credentials(userId: string): Promise<AccountCredentials | undefined>;
  /** With `asking`, only while that session lives. */
  changeName(
    userId: string,
    name: string | null,
    origin?: Origin,
    asking?: AskingSession,
  ): Promise<AccountChanged | LoggedOut>;
  /**
   * The same password under newer parameters: replaced only while the old hash still stands.
   * Sessions do not notice.
   */
  replacePasswordHash(userId: string, oldHash: string, newHash: string): Promise<"replaced" | "outdated">;
  /**
   * A new password, only while the one that was checked still stands (`passwordVersion`), and only
   * for active accounts. Every session of the user ends with it, and no device is known any more; the
   * session that asked has a successor, if it is kept in the database.
   */
  changePassword(
    change: {
      readonly userId: string;
      readonly passwordVersion: number;
      readonly newHash: string;
      readonly asked?: { readonly by: AskingSession; readonly successor: SuccessorCarrier } | undefined;
      /** Of the account that the claims of the successor's token were made of. */
      readonly accountVersion?: number | undefined;
    },
    origin?: Origin,
  ): Promise<
    | {
        readonly outcome: "changed";
        readonly endedSessions: number;
        readonly successor: SessionGrant | undefined;
        readonly deviceEpoch: number;
      }
    | { readonly outcome: "outdated" }
    | { readonly outcome: "claims_outdated" }
    | LoggedOut
  >;
}

/** As long as the link of a mail that asks whoever signed up to confirm the address. */
const expectedLoginMs = 24 * 3_600_000;

export interface AccountStoreOptions {
  /** Of whom the last one stays. */
  readonly administrators: Administrators;
  /** Tells owners of what happens to their accounts, and asks them to confirm addresses. @default no mail */
  readonly mailing?: Pick<Mailing, "tell" | "requestIn"> | undefined;
  /** @default nobody is invited */
  readonly takeInvitation?: TakeInvitation | undefined;
  readonly randomBytes?: RandomBytes | undefined;
}

/** Undoes the transaction. Never leaves this file. */
class InvitationOver extends Error {
  override readonly name = "InvitationOver";
}

export function createAccountStore(
  database: Database,
  limits: SessionLimits,
  options: AccountStoreOptions,
): AccountStore {
  const { administrators, mailing = noMailing, randomBytes = systemRandomBytes } = options;
  const { takeInvitation = async () => undefined } = options;
  const { now } = database;
  const changeAsked = createChangeAsked(database, limits);
  const changeAskedBy = createChangeAskedBy(database, limits);

  const selectByEmailKey = database.prebuilt(({ emailKey }: { readonly emailKey: string }) =>
    database.db.selectFrom("users").select(credentialColumns).where("email_key", "=", emailKey),
  );

  async function isOfVersion({ db }: Change, userId: string, version: number): Promise<boolean> {
    const row = await db
      .selectFrom("users")
      .select("claims_version")
      .where("id", "=", userId)
      .executeTakeFirst();
    return row?.claims_version === version;
  }

  /** With the invitation, the new account gets its roles; its owner read the mail, so the address is theirs. */
  async function settle(
    change: Change,
    row: AccountRow,
    { invitation, emailKey, asksToVerify = false }: NewAccount,
    origin: Origin,
  ): Promise<AccountRow> {
    const { id: userId, email: address, locale: written } = row;
    if (invitation === undefined) {
      const roles = JSON.parse(row.roles) as string[];
      change.record({ event: "account_created", userId, ...origin, detail: { roles } });
      const asked = { address, addressKey: emailKey, locale: knownLocale(written) };
      if (asksToVerify) await mailing.requestIn(change, { purpose: "verify_address", ...asked });
      return row;
    }
    const taken = await takeInvitation(change, invitation, emailKey);
    if (taken === undefined) throw new InvitationOver("the invitation is over");
    const { id, roles, invitedBy } = taken;
    const detail = { roles, invitation: id, invitedBy };
    change.record({ event: "account_created", userId, ...origin, detail });
    return change.db
      .updateTable("users")
      .set({ roles: JSON.stringify(roles), email_verified_at: now() })
      .where("id", "=", userId)
      .returning(accountColumns)
      .executeTakeFirstOrThrow();
  }

  return {
    ...createStandingStore(database, limits, administrators),
    ...createFieldsStore(database, limits),

    async create(account, origin = {}, by) {
      const made = changeAskedBy(undefined, by, async (change) => {
        const { db } = change;
        const { emailKey: addressKey, locale = "en" } = account;
        const row = await db
          .insertInto("users")
          .values({
            id: newId(randomBytes),
            email: account.email,
            email_key: account.emailKey,
            name: account.name,
            password_hash: account.passwordHash,
            password_version: 1,
            roles: JSON.stringify(account.roles),
            status: "active",
            created_at: now(),
            updated_at: now(),
            locale,
            login_expected_until:
              account.isSignup === true ? sql<number>`${now()} + ${sql.lit(expectedLoginMs)}` : null,
          })
          .onConflict((conflict) => conflict.column("email_key").doNothing())
          .returning(accountColumns)
          .executeTakeFirst();
        const isTaken = row === undefined || (await isReserved(database, change, addressKey, row.id));
        if (isTaken) {
          if (row !== undefined) await db.deleteFrom("users").where("id", "=", row.id).execute();
          if (account.tellsIfTaken === true)
            await mailing.requestIn(change, {
              purpose: "address_taken",
              address: account.email,
              addressKey,
              locale,
            });
          return { outcome: "email_taken" } as const;
        }
        const settled = await settle(change, row, account, origin);
        return { outcome: "created", account: accountOf(settled) } as const;
      });
      return made.catch((error: unknown) => {
        if (error instanceof InvitationOver) return { outcome: "code_invalid" } as const;
        throw error;
      });
    },

    async get(userId) {
      const row = await database.db
        .selectFrom("users")
        .select(accountColumns)
        .where("id", "=", userId)
        .executeTakeFirst();
      return row && accountOf(row);
    },

    async findByEmail(emailKey) {
      const [row] = await selectByEmailKey(database.db, { emailKey });
      return row && credentialsOf(row);
    },

    async credentials(userId) {
      const row = await database.db
        .selectFrom("users")
        .select(credentialColumns)
        .where("id", "=", userId)
        .executeTakeFirst();
      return row && credentialsOf(row);
    },

    async changeName(userId, name, origin = {}, asking) {
      return changeAsked(userId, asking, async ({ db, record }) => {
        const row = await db
          .updateTable("users")
          .set({ name, updated_at: now(), ...changesClaims })
          .where("id", "=", userId)
          .returning(accountColumns)
          .executeTakeFirst();
        if (row === undefined) return { outcome: "unknown" };
        record({ event: "account_changed", userId, ...origin, detail: { changed: ["name"] } });
        return { outcome: "changed", account: accountOf(row) };
      });
    },

    async replacePasswordHash(userId, oldHash, newHash) {
      const { numUpdatedRows } = await database.db
        .updateTable("users")
        .set({ password_hash: newHash })
        .where("id", "=", userId)
        .where("password_hash", "=", oldHash)
        .executeTakeFirst();
      return numUpdatedRows === 1n ? "replaced" : "outdated";
    },

    async changePassword({ userId, passwordVersion, newHash, asked, accountVersion }, origin = {}) {
      return changeAsked(userId, asked?.by, async (change) => {
        // The account is held, so this is still true when the password has changed.
        if (accountVersion !== undefined && !(await isOfVersion(change, userId, accountVersion)))
          return { outcome: "claims_outdated" };
        const changed = await change.db
          .updateTable("users")
          .set({
            password_hash: newHash,
            password_version: sql<number>`password_version + 1`,
            updated_at: now(),
            ...forgetsDevices,
          })
          .where("id", "=", userId)
          .where("password_version", "=", passwordVersion)
          .where("status", "=", "active")
          .returning("device_epoch")
          .executeTakeFirst();
        if (changed === undefined) return { outcome: "outdated" };
        const successor =
          asked === undefined || asked.by.isLiveHere !== undefined
            ? undefined
            : await openSuccessor(
                { database, limits, randomBytes },
                change,
                { sid: asked.by.sid, carrier: asked.successor },
                origin,
              );
        const endedSessions = await endSessionsOf(
          database,
          change,
          userId,
          "password_changed",
          successor?.sid ?? null,
        );
        change.record({
          event: "password_changed",
          userId,
          sid: asked?.by.sid ?? null,
          ...origin,
          detail: { endedSessions },
        });
        await mailing.tell(change, { kind: "password_changed", userId });
        return { outcome: "changed", endedSessions, successor, deviceEpoch: changed.device_epoch };
      });
    },
  };
}
