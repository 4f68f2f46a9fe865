// Second factors: what an account has, how it gets and loses them, and what a given code is worth.
import { sql } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import { type AskingSession, createChangeAsked } from "../sessions/asking.ts";
import type { FactorShown } from "../sessions/factor-shown.ts";
import type { SessionLimits } from "../sessions/session.ts";
import { createFactorAttempts } from "./attempts.ts";
import { createSpentChallenges, type Spendable, type SpentChallenges } from "./challenges.ts";
import type { Notices } from "../mail/store.ts";
import { createFactorRowsOf, factorRowsOf, putCodes, setRequired } from "./factor-rows.ts";
import type { FactorState } from "./factor.ts";

/** The session that asked is over, so nothing was changed. */
interface LoggedOut {
  readonly outcome: "logged_out";
}

export type Shown =
  | { readonly outcome: "right"; readonly factor: FactorShown }
  | { readonly outcome: "wrong" | "challenge_spent" }
  | { readonly outcome: "locked"; readonly waitMs: number | undefined };

/** Says of the sealed secret which step a code is of. */
export type MatchStep = (sealed: Uint8Array, nowMs: number) => number | undefined;

/** Whose factors change, at whose wish. */
export interface Owner {
  readonly userId: string;
  readonly asking: AskingSession;
  readonly origin: Origin;
}

export interface SecondFactorStore {
  /** Undefined: there is no such account. */
  state(userId: string): Promise<FactorState | undefined>;
  /** Keeps a secret that does not count yet, in the place of an earlier one. */
  beginTotp(owner: Owner, sealed: Uint8Array): Promise<{ readonly outcome: "begun" | "exists" } | LoggedOut>;
  /**
   * Makes it count, once, with the first code. `codes` are the hashes to keep where it is the account's first factor.
   */
  confirmTotp(
    owner: Owner,
    match: MatchStep,
    codes: readonly string[],
  ): Promise<
    | { readonly outcome: "confirmed"; readonly isFirst: boolean }
    | { readonly outcome: "wrong" | "nothing_begun" }
    | LoggedOut
  >;
  /** With the last factor the recovery codes go too. */
  removeTotp(owner: Owner): Promise<{ readonly outcome: "removed" | "unknown" | "needed" } | LoggedOut>;
  renewCodes(
    owner: Owner,
    codes: readonly string[],
  ): Promise<{ readonly outcome: "renewed" | "no_factor" } | LoggedOut>;
  /** A time-based code: counted before it is compared, good for its step once. */
  showTotp(
    userId: string,
    match: MatchStep,
    challenge: Spendable | undefined,
    origin: Origin,
  ): Promise<Shown>;
  /** A recovery code: it is gone with its use. It works while the other factors are locked, and opens them. */
  showRecoveryCode(
    userId: string,
    hash: string | undefined,
    challenge: Spendable | undefined,
    origin: Origin,
  ): Promise<Shown>;
  /** A challenge that was met by what is not counted here. */
  spend(challenge: Spendable): Promise<boolean>;
  readonly prune: SpentChallenges["prune"];
}

/** How long a secret waits for its first code. */
const beginningMs = 15 * 60_000;

export interface SecondFactorStoreOptions {
  readonly limits: SessionLimits;
  /** Roles whose owners may not remove their last factor. */
  readonly rolesWithSecondFactor: ReadonlySet<string>;
  readonly notices: Notices;
}

export function createSecondFactorStore(
  database: Database,
  { limits, rolesWithSecondFactor, notices }: SecondFactorStoreOptions,
): SecondFactorStore {
  const { now } = database;
  const changeAsked = createChangeAsked(database, limits);
  const attempts = createFactorAttempts(database);
  const challenges = createSpentChallenges(database);

  /** Spends the challenge together with what `work` consumes, or neither. */
  async function withChallenge(
    change: Change,
    challenge: Spendable | undefined,
    work: () => Promise<FactorShown | undefined>,
  ): Promise<Exclude<Shown, { readonly outcome: "locked" }>> {
    if (challenge !== undefined && !(await challenges.spend(change, challenge)))
      return { outcome: "challenge_spent" };
    const factor = await work();
    if (factor !== undefined) return { outcome: "right", factor };
    if (challenge !== undefined) await challenges.giveBack(change, challenge);
    return { outcome: "wrong" };
  }

  return {
    state: createFactorRowsOf(database),
    prune: (signal) => challenges.prune(signal),
    spend: (challenge) => database.change((change) => challenges.spend(change, challenge)),

    async beginTotp({ userId, asking }, sealed) {
      return changeAsked(userId, asking, async ({ db }) => {
        const row = await db
          .insertInto("totp")
          .values({ user_id: userId, sealed, created_at: now(), confirmed_at: null, last_step: 0 })
          .onConflict((conflict) =>
            conflict
              .column("user_id")
              .doUpdateSet({ sealed, created_at: now(), last_step: 0 })
              .where("totp.confirmed_at", "is", null),
          )
          .returning("user_id")
          .executeTakeFirst();
        return { outcome: row === undefined ? "exists" : "begun" };
      });
    },

    async confirmTotp({ userId, asking, origin }, match, codes) {
      return changeAsked(userId, asking, async (change) => {
        const { db } = change;
        const begun = await db
          .selectFrom("totp")
          .select(["sealed", now().as("now")])
          .where("user_id", "=", userId)
          .where("confirmed_at", "is", null)
          .where("created_at", ">", sql<number>`${now()} - ${sql.lit(beginningMs)}`)
          .executeTakeFirst();
        if (begun === undefined) return { outcome: "nothing_begun" };
        const step = match(begun.sealed, begun.now);
        if (step === undefined) return { outcome: "wrong" };
        const before = await factorRowsOf(db, userId);
        const { numUpdatedRows } = await db
          .updateTable("totp")
          .set({ confirmed_at: now(), last_step: step })
          .where("user_id", "=", userId)
          .where("confirmed_at", "is", null)
          .executeTakeFirst();
        if (numUpdatedRows !== 1n) return { outcome: "nothing_begun" };
        await setRequired(db, userId, true);
        const isFirst = before?.required !== true;
        if (isFirst) await putCodes({ db: change.db, now }, userId, codes);
        change.record({
          event: "factor_added",
          userId,
          sid: asking.sid,
          ...origin,
          detail: { factor: "totp" },
        });
        await notices.tell(change, { userId, kind: "factor_added", factor: "totp" });
        return { outcome: "confirmed", isFirst };
      });
    },

    async removeTotp({ userId, asking, origin }) {
      return changeAsked(userId, asking, async (change) => {
        const { db } = change;
        const state = await factorRowsOf(db, userId);
        const isLast = state?.passkeys === 0;
        if (isLast && state.totp && state.roles.some((role) => rolesWithSecondFactor.has(role)))
          return { outcome: "needed" };
        const { numDeletedRows } = await db
          .deleteFrom("totp")
          .where("user_id", "=", userId)
          .where("confirmed_at", "is not", null)
          .executeTakeFirst();
        if (numDeletedRows !== 1n) return { outcome: "unknown" };
        if (isLast) {
          await setRequired(db, userId, false);
        }
        change.record({
          event: "factor_removed",
          userId,
          sid: asking.sid,
          ...origin,
          detail: { factor: "totp" },
        });
        await notices.tell(change, { userId, kind: "factor_removed", factor: "totp" });
        return { outcome: "removed" };
      });
    },

    async renewCodes({ userId, asking, origin }, codes) {
      return changeAsked(userId, asking, async (change) => {
        if ((await factorRowsOf(change.db, userId))?.required !== true) return { outcome: "no_factor" };
        await putCodes({ db: change.db, now }, userId, codes);
        change.record({ event: "recovery_codes_renewed", userId, sid: asking.sid, ...origin });
        await notices.tell(change, { userId, kind: "factor_added", factor: "recovery_codes" });
        return { outcome: "renewed" };
      });
    },

    async showTotp(userId, match, challenge, origin) {
      return database.change<Shown>(async (change) => {
        const counted = await attempts.count(change, userId);
        if (counted.outcome === "locked") return counted;
        const shown = await withChallenge(change, challenge, async () => {
          const row = await change.db
            .selectFrom("totp")
            .select(["sealed", now().as("now")])
            .where("user_id", "=", userId)
            .where("confirmed_at", "is not", null)
            .executeTakeFirst();
          const step = row && match(row.sealed, row.now);
          if (step === undefined) return undefined;
          const taken = await change.db
            .updateTable("totp")
            .set({ last_step: step })
            .where("user_id", "=", userId)
            .where("confirmed_at", "is not", null)
            .where("last_step", "<", step)
            .returning("confirmed_at")
            .executeTakeFirst();
          return taken && { kind: "totp", confirmedAtMs: taken.confirmed_at ?? 0 };
        });
        if (shown.outcome === "right") await attempts.forget(change, userId);
        if (shown.outcome === "wrong" && counted.locks) await attempts.lock(change, userId, origin);
        return shown;
      });
    },

    async showRecoveryCode(userId, hash, challenge, origin) {
      return database.change<Shown>(async (change) => {
        const shown = await withChallenge(change, challenge, async () => {
          const used = await change.db
            .deleteFrom("recovery_codes")
            .where("user_id", "=", userId)
            .where("hash", "=", hash ?? "")
            .returning("created_at")
            .executeTakeFirst();
          return used && { kind: "recovery_code", madeAtMs: used.created_at };
        });
        if (shown.outcome === "wrong") await attempts.countUnlocked(change, userId);
        if (shown.outcome === "right") {
          await attempts.forget(change, userId);
          change.record({ event: "recovery_code_used", userId, ...origin });
        }
        return shown;
      });
    },
  };
}
