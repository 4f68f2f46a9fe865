// Changes that a session asks for: made only while it lives, however long its request has waited.
import type { Change, Database } from "../database/database.ts";
import { holdUser } from "./ending.ts";
import { isLive } from "./rows.ts";
import type { SessionLimits } from "./session.ts";

/** The session in whose name a change is asked for. */
export interface AskingSession {
  readonly sid: string;
  /** Given where the session is kept in this process: whether it still lives. The database is asked otherwise. */
  readonly isLiveHere?: (() => boolean) | undefined;
}

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

/** Undoes the transaction. Never leaves this file. */
class SessionOver extends Error {
  override readonly name = "SessionOver";
}

/**
 * The rows of the user and of the session are held until the commit, so whatever ends the session
 * comes before the change, which then is not made, or after it. A session in memory is asked right
 * before the work and right before the commit.
 */
export function createChangeAsked(database: Database, limits: SessionLimits): ChangeAsked {
  async function lives({ db }: Change, userId: string, { sid, isLiveHere }: AskingSession): Promise<boolean> {
    if (isLiveHere !== undefined) return isLiveHere();
    const row = await db
      .selectFrom("sessions")
      .select("sid")
      .where("sid", "=", sid)
      .where("user_id", "=", userId)
      .where((on) => isLive(database, limits, on))
      .$if(database.dialect === "postgres", (query) => query.forUpdate())
      .executeTakeFirst();
    return row !== undefined;
  }

  return async (userId, asking, work) => {
    try {
      return await database.change(async (change) => {
        await holdUser(database, change.db, userId);
        if (asking !== undefined && !(await lives(change, userId, asking))) throw new SessionOver();
        const result = await work(change);
        if (asking?.isLiveHere?.() === false) throw new SessionOver();
        return result;
      });
    } catch (error) {
      if (error instanceof SessionOver) return { outcome: "logged_out" };
      throw error;
    }
  };
}
