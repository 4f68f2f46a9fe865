// Using a cookie session: one read at every request, and one write a minute at most.

import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { StoreError } from "../database/errors.ts";
import type { Raising } from "./raising.ts";
import { flag, globalTokensBefore, grantColumns, grantOf, isLive, isUserActive } from "./rows.ts";
import type { SessionGrant, SessionLimits } from "./session.ts";

/** The live session that a cookie's secret belongs to, its user being active. */
export type UseCookie = (secretHash: string) => Promise<SessionGrant | undefined>;

/** Use of a cookie session is written down at most this often. */
const useIntervalMs = 60_000;

/** How often a look-up looks again when others changed the row between its statements. */
const attempts = 8;

export function createCookieUse(
  database: Database,
  limits: SessionLimits,
  raising: Pick<Raising, "presentCookie" | "endReusedCookie">,
): UseCookie {
  const { db, now } = database;

  /** One that a step-up gave out, in use for the first time; a void one; or a stranger's. */
  async function useOtherCookie(secretHash: string): Promise<SessionGrant | "again" | undefined> {
    const row = await db
      .selectFrom("sessions")
      .select(["secret_hash", "pending_amr"])
      .where((on) => on.or([on("secret_hash", "=", secretHash), on("pending_secret_hash", "=", secretHash)]))
      .where((on) => isLive(database, limits, on))
      .where(isUserActive)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    // Another request has presented it since.
    if (row.secret_hash === secretHash) return "again";
    if (row.pending_amr !== null) return (await raising.presentCookie(secretHash)) ?? "again";
    await raising.endReusedCookie(secretHash);
    return undefined;
  }

  async function useKnownCookie(secretHash: string): Promise<SessionGrant | undefined> {
    const row = await db
      .selectFrom("sessions")
      .innerJoin("users", "users.id", "sessions.user_id")
      .select(grantColumns)
      .select(globalTokensBefore)
      .select((on) => [
        now().as("now"),
        flag(on("renewed_at", "<=", sql<number>`${now()} - ${sql.lit(useIntervalMs)}`)).as("due"),
      ])
      .where("secret_hash", "=", secretHash)
      .where("users.status", "=", "active")
      .where((on) => isLive(database, limits, on))
      .executeTakeFirst();
    if (row === undefined) return undefined;
    if (row.due === 1) {
      await db
        .updateTable("sessions")
        .set({ renewed_at: now() })
        .where("sid", "=", row.sid)
        .where("renewed_at", "<=", sql<number>`${now()} - ${sql.lit(useIntervalMs)}`)
        .where((on) => isLive(database, limits, on))
        .execute();
    }
    return grantOf(row, limits);
  }

  return async (secretHash) => {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const grant = (await useKnownCookie(secretHash)) ?? (await useOtherCookie(secretHash));
      if (grant !== "again") return grant;
    }
    throw new StoreError("unavailable", "The session is being changed by too many requests at once.");
  };
}
