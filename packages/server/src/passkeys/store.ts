// The passkeys of accounts: each kept, used and removed in one transaction, in which it is judged once more.
import type { Selectable } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import type { PasskeysTable } from "../database/tables.ts";
import type { Notices } from "../mail/store.ts";
import { createSpentChallenges, type Spendable } from "../second-factor/challenges.ts";
import { factorRowsOf, putCodes, setRequired } from "../second-factor/factor-rows.ts";
import type { Owner } from "../second-factor/store.ts";
import { createChangeAsked } from "../sessions/asking.ts";
import type { SessionLimits } from "../sessions/session.ts";
import type { NewPasskey, ShownPasskey } from "./verification.ts";

export interface StoredPasskey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** COSE. */
  readonly publicKey: Uint8Array;
  readonly transports: readonly string[];
  readonly backedUp: boolean;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
}

/** The session that asked is over, so nothing was changed. */
interface LoggedOut {
  readonly outcome: "logged_out";
}

/** What must still hold of the account when the passkey is kept. */
export interface AskedFor {
  readonly passwordVersion: number;
  readonly secondFactor: boolean;
}

export interface PasskeyStore {
  /** Oldest first. */
  list(userId: string): Promise<readonly StoredPasskey[]>;
  find(id: string): Promise<StoredPasskey | undefined>;
  /**
   * Spends the challenge and keeps the passkey, or neither. `codes` are the hashes to keep where it is the account's
   * first factor.
   */
  add(
    owner: Owner,
    passkey: NewPasskey & { readonly name: string },
    asked: AskedFor & Spendable,
    codes: readonly string[],
  ): Promise<
    | { readonly outcome: "added"; readonly passkey: StoredPasskey; readonly isFirst: boolean }
    | { readonly outcome: "outdated" | "exists" | "too_many" }
    | LoggedOut
  >;
  rename(
    owner: Owner,
    id: string,
    name: string,
  ): Promise<
    | { readonly outcome: "renamed"; readonly passkey: StoredPasskey }
    | { readonly outcome: "unknown" }
    | LoggedOut
  >;
  /** With the last factor the recovery codes go too. `only_way`: without it nobody could log in any more. */
  remove(
    owner: Owner,
    id: string,
  ): Promise<{ readonly outcome: "removed" | "unknown" | "needed" | "only_way" } | LoggedOut>;
  /** Spends the challenge, and moves the counter on: the answer counts once, however often it comes. */
  use(
    passkey: { readonly id: string; readonly userId: string },
    shown: ShownPasskey,
    challenge: Spendable,
    origin: Origin,
  ): Promise<boolean>;
}

/** So many an account may have. */
export const maxPasskeys = 20;

export interface PasskeyStoreOptions {
  readonly limits: SessionLimits;
  /** Roles whose owners may not remove their last factor. */
  readonly rolesWithSecondFactor: ReadonlySet<string>;
  readonly notices: Notices;
}

export function createPasskeyStore(
  database: Database,
  { limits, rolesWithSecondFactor, notices }: PasskeyStoreOptions,
): PasskeyStore {
  const { db: plain, now } = database;
  const changeAsked = createChangeAsked(database, limits);
  const challenges = createSpentChallenges(database);

  return {
    async list(userId) {
      const rows = await plain
        .selectFrom("passkeys")
        .selectAll()
        .where("user_id", "=", userId)
        .orderBy("created_at")
        .orderBy("id")
        .execute();
      return rows.map(passkeyOf);
    },

    async find(id) {
      const row = await plain.selectFrom("passkeys").selectAll().where("id", "=", id).executeTakeFirst();
      return row && passkeyOf(row);
    },

    async add({ userId, asking, origin }, passkey, asked, codes) {
      return changeAsked(userId, asking, async (change) => {
        const { db } = change;
        if (!(await challenges.spend(change, asked))) return { outcome: "outdated" };
        const before = await factorRowsOf(db, userId);
        if ((before?.passkeys ?? 0) >= maxPasskeys) return { outcome: "too_many" };
        const isAsItWas = await db
          .selectFrom("users")
          .select("id")
          .where("id", "=", userId)
          .where("status", "=", "active")
          .where("password_version", "=", asked.passwordVersion)
          .where("second_factor", "=", asked.secondFactor ? 1 : 0)
          .executeTakeFirst();
        if (isAsItWas === undefined) return { outcome: "outdated" };
        const row = await db
          .insertInto("passkeys")
          .values({
            id: passkey.id,
            user_id: userId,
            name: passkey.name,
            public_key: Buffer.from(passkey.publicKey),
            counter: passkey.counter,
            transports: JSON.stringify(passkey.transports),
            backup_eligible: passkey.backupEligible ? 1 : 0,
            backed_up: passkey.backedUp ? 1 : 0,
            created_at: now(),
            last_used_at: null,
          })
          // Whosever it is: an id is one account's (WebAuthn §7.1).
          .onConflict((conflict) => conflict.column("id").doNothing())
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return { outcome: "exists" };
        await setRequired(db, userId, true);
        const isFirst = before?.required !== true;
        if (isFirst) await putCodes({ db, now }, userId, codes);
        const detail = { factor: "passkey" };
        change.record({ event: "factor_added", userId, sid: asking.sid, ...origin, detail });
        await notices.tell(change, { userId, kind: "factor_added", factor: "passkey" });
        return { outcome: "added", passkey: passkeyOf(row), isFirst };
      });
    },

    async rename({ userId, asking }, id, name) {
      return changeAsked(userId, asking, async ({ db }) => {
        const row = await db
          .updateTable("passkeys")
          .set({ name })
          .where("id", "=", id)
          .where("user_id", "=", userId)
          .returningAll()
          .executeTakeFirst();
        return row === undefined ? { outcome: "unknown" } : { outcome: "renamed", passkey: passkeyOf(row) };
      });
    },

    async remove({ userId, asking, origin }, id) {
      return changeAsked(userId, asking, async (change) => {
        const { db } = change;
        // The account's row is held, so of two that remove the last two, the second sees what the first did.
        const owned = await db
          .selectFrom("passkeys")
          .select("id")
          .where("id", "=", id)
          .where("user_id", "=", userId)
          .executeTakeFirst();
        const state = await factorRowsOf(db, userId);
        if (owned === undefined || state === undefined) return { outcome: "unknown" };
        const isLast = state.passkeys === 1;
        if (isLast && !state.hasPassword) return { outcome: "only_way" };
        const isLastFactor = isLast && !state.totp;
        if (isLastFactor && state.roles.some((role) => rolesWithSecondFactor.has(role)))
          return { outcome: "needed" };
        const { numDeletedRows } = await db
          .deleteFrom("passkeys")
          .where("id", "=", id)
          .where("user_id", "=", userId)
          .executeTakeFirst();
        if (numDeletedRows !== 1n) return { outcome: "unknown" };
        if (isLastFactor) await setRequired(db, userId, false);
        const detail = { factor: "passkey" };
        change.record({ event: "factor_removed", userId, sid: asking.sid, ...origin, detail });
        await notices.tell(change, { userId, kind: "factor_removed", factor: "passkey" });
        return { outcome: "removed" };
      });
    },

    async use({ id, userId }, shown, challenge, origin) {
      return database.change(async (change) => {
        if (!(await challenges.spend(change, challenge))) return false;
        const { db } = change;
        const { numUpdatedRows } = await db
          .updateTable("passkeys")
          .set({ counter: shown.counter, backed_up: shown.backedUp ? 1 : 0, last_used_at: now() })
          .where("id", "=", id)
          .where("user_id", "=", userId)
          // Whether it can be copied never changes (WebAuthn §6.1.3).
          .where("backup_eligible", "=", shown.backupEligible ? 1 : 0)
          // WebAuthn §6.1.1: it counts on, or it never counts at all.
          .where((on) => (shown.counter === 0 ? on("counter", "=", 0) : on("counter", "<", shown.counter)))
          .executeTakeFirst();
        if (numUpdatedRows === 1n) return true;
        const row = await db
          .selectFrom("passkeys")
          .select("counter")
          .where("id", "=", id)
          .where("user_id", "=", userId)
          .where("counter", ">=", shown.counter)
          .where("counter", ">", 0)
          .executeTakeFirst();
        if (row !== undefined) {
          const detail = { known: row.counter, shown: shown.counter };
          change.record({ event: "passkey_counter_behind", userId, ...origin, detail });
        }
        return false;
      });
    },
  };
}

function passkeyOf(row: Selectable<PasskeysTable>): StoredPasskey {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    publicKey: row.public_key,
    transports: JSON.parse(row.transports) as string[],
    backedUp: row.backed_up !== 0,
    createdAtMs: row.created_at,
    lastUsedAtMs: row.last_used_at,
  };
}
