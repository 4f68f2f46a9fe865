// Changes that a session asks for: made only while it lives, however long its request has waited.
import type { Kysely } from "kysely";
import type { Change, Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { holdUser, holdUsers } from "./ending.ts";
import { globalTokensBefore, isLive } from "./rows.ts";
import { rolesOfSession, type SessionLimits } from "./session.ts";

/** The session in whose name a change is asked for. */
export interface AskingSession {
  readonly sid: string;
  /**
   * Of the access token that asks, in seconds since the epoch: it must not be outdated meanwhile.
   * Sessions with a cookie are not asked for it.
   */
  readonly issuedAt?: number | undefined;
  /** What whoever asks had shown: with it go the roles that they have here. */
  readonly amr?: readonly string[] | undefined;
  /** Given where the session is kept in this process: whether it still lives. The database is asked otherwise. */
  readonly isLiveHere?: (() => boolean) | undefined;
}

/** Somebody who asks for a change of what is not their own: an administrator. */
export interface AskingAccount {
  readonly userId: string;
  readonly session: AskingSession;
  /**
   * Whether they may, by the roles that both accounts have when the change is made; `theirs` is
   * undefined where the change is about no account, or about one that is not there.
   */
  readonly may: (own: readonly string[], theirs: readonly string[] | undefined) => boolean;
}

/** Why nothing was changed: the session that asked is over, or its account may not do that (any more). */
export type AskingRefusal = "logged_out" | "forbidden";

/**
 * Runs `work` as one change of the user's account or sessions, while the session that asks for it
 * lives; without one, whoever runs the server asks. `logged_out`: the session is over, and nothing
 * was changed.
 */
export type ChangeAsked = <T>(
  userId: string,
  asking: AskingSession | undefined,
  work: (change: Change) => Promise<T>,
) => Promise<T | { readonly outcome: "logged_out" }>;

/** The same for a change that another account asks for, of one that may not be there yet. */
export type ChangeAskedBy = <T>(
  userId: string | undefined,
  by: AskingAccount | undefined,
  work: (change: Change) => Promise<T>,
) => Promise<T | { readonly outcome: AskingRefusal }>;

/** Undoes the transaction. Never leaves this file. */
class Refused extends Error {
  override readonly name = "Refused";
  readonly outcome: AskingRefusal;

  constructor(outcome: AskingRefusal) {
    super(outcome);
    this.outcome = outcome;
  }
}

/**
 * The rows of the user and of the session are held until the commit, so whatever ends the session
 * comes before the change, which then is not made, or after it. A session in memory is asked right
 * before the work and right before the commit.
 */
export function createChangeAsked(database: Database, limits: SessionLimits): ChangeAsked {
  return async (userId, asking, work) => {
    try {
      return await database.change(async (change) => {
        await holdUser(database, change.db, userId);
        if (asking !== undefined && (await standing(database, limits, change.db, userId, asking)) !== "good")
          throw new Refused("logged_out");
        const result = await work(change);
        if (asking?.isLiveHere?.() === false) throw new Refused("logged_out");
        return result;
      });
    } catch (error) {
      if (error instanceof Refused) return { outcome: "logged_out" };
      throw error;
    }
  };
}

/**
 * Both accounts are held until the commit, always in the same order: of two that take each other's
 * rights at once, one comes first, and the other finds that it may not any more.
 */
export function createChangeAskedBy(database: Database, limits: SessionLimits): ChangeAskedBy {
  const judge = createJudgeAsking(database, limits);
  return async (userId, by, work) => {
    try {
      return await database.change(async (change) => {
        if (by === undefined && userId !== undefined) await holdUser(database, change.db, userId);
        const refusal = by && (await judge(change, by, userId));
        if (refusal !== undefined) throw new Refused(refusal);
        const result = await work(change);
        if (by?.session.isLiveHere?.() === false) throw new Refused("logged_out");
        return result;
      });
    } catch (error) {
      if (error instanceof Refused) return { outcome: error.outcome };
      throw error;
    }
  };
}

/**
 * Why the caller may not change this account, or something that belongs to none; undefined if they may.
 */
export type JudgeAsking = (
  change: Change,
  by: AskingAccount,
  userId?: string,
) => Promise<AskingRefusal | undefined>;

export function createJudgeAsking(database: Database, limits: SessionLimits): JudgeAsking {
  return async ({ db }, { userId: ownId, session, may }, userId) => {
    const held = await holdUsers(database, db, userId === undefined ? [ownId] : [ownId, userId]);
    const own = held.get(ownId);
    if (own?.status !== "active") return "logged_out";
    const stands = await standing(database, limits, db, ownId, session);
    if (stands === "over") return "logged_out";
    // New roles outdate the token, too: whoever lost theirs is told so.
    const theirs = userId === undefined ? undefined : held.get(userId)?.roles;
    const { amr = [] } = session;
    if (!may(rolesOfSession(own.roles, { ...own, amr }, limits), theirs)) return "forbidden";
    return stands === "outdated" ? "logged_out" : undefined;
  };
}

/** `outdated`: the session lives, and the token that asks for it is dead. */
async function standing(
  database: Database,
  limits: SessionLimits,
  db: Kysely<Tables>,
  userId: string,
  { sid, issuedAt, isLiveHere }: AskingSession,
): Promise<"good" | "outdated" | "over"> {
  if (isLiveHere !== undefined) return isLiveHere() ? "good" : "over";
  const row = await db
    .selectFrom("sessions")
    .select(["kind", "tokens_before"])
    .select(globalTokensBefore)
    .where("sid", "=", sid)
    .where("user_id", "=", userId)
    .where((on) => isLive(database, limits, on))
    .$if(database.dialect === "postgres", (query) => query.forUpdate())
    .executeTakeFirst();
  if (row === undefined) return "over";
  if (row.kind === "cookie" || issuedAt === undefined) return "good";
  return issuedAt < Math.max(row.tokens_before, row.global_tokens_before) ? "outdated" : "good";
}
