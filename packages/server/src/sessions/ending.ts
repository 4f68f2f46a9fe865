// Ending sessions and outdating their tokens, as part of whatever change causes it.

import {
  sql,
  type ExpressionBuilder,
  type ExpressionWrapper,
  type Kysely,
  type RawBuilder,
  type SqlBool,
} from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { globalTokensBefore, isHeldBy } from "./rows.ts";
import { clockToleranceMs } from "./session.ts";

/** Why a session ended. */
export type EndReason =
  | "logout"
  | "revoked"
  | "password_changed"
  | "disabled"
  | "deleted"
  | "reuse"
  | "password_reset"
  /** Somebody showed that the address is theirs, and nothing showed that the account was. */
  | "unproved"
  | "address_undone"
  /** The owner said that the login was not theirs. */
  | "disowned"
  /** A login that was one too many came after it. */
  | "displaced";

/** What the end of a session leaves behind. */
interface EndedSession {
  readonly sid: string;
  readonly kind: "token" | "cookie";
  readonly renewed_at: number;
  readonly tokens_before: number;
  readonly dated_ahead_until: number | null;
  readonly pending_at: number | null;
  readonly ended_at: number | null;
  readonly global_tokens_before: number;
}

export const endedColumns: readonly [
  ...(readonly ["sid", "kind", "renewed_at", "tokens_before", "dated_ahead_until", "pending_at", "ended_at"]),
  typeof globalTokensBefore,
] = [
  "sid",
  "kind",
  "renewed_at",
  "tokens_before",
  "dated_ahead_until",
  "pending_at",
  "ended_at",
  globalTokensBefore,
];

/** The columns that end a session; always under `ended_at is null`, so the first reason stands. */
export function ending(
  database: Database,
  reason: EndReason,
): { ended_at: RawBuilder<number>; end_reason: EndReason } {
  return { ended_at: database.now(), end_reason: reason };
}

/**
 * The feed entry of an ended session: all its tokens are dead, whenever they were issued (a clock
 * may have stepped back). Cookie sessions have no tokens and no entry.
 */
export function revokeEnded(database: Database, change: Change, session: EndedSession): void {
  if (session.kind !== "token") return;
  const lastIssue = Math.max(
    session.ended_at ?? 0,
    session.renewed_at,
    session.tokens_before * 1000,
    session.global_tokens_before * 1000,
    session.dated_ahead_until ?? 0,
    session.pending_at ?? 0,
  );
  const expiresAt = Math.ceil(lastIssue / 1000) + database.revocationSeconds;
  change.revoke({ sid: session.sid, tokensBefore: expiresAt, expiresAt });
}

/** Which session is meant: by its id, of this user alone if one is named, or by a cookie's secret. */
export type OneSession = { readonly sid: string; readonly userId?: string } | { readonly secretHash: string };

export type Ended = "ended" | "already_ended" | "unknown";

/** Ends one session, which the trail hears. Asking again changes nothing. */
export async function endOne(
  database: Database,
  change: Change,
  which: OneSession,
  reason: EndReason,
  origin: Origin,
): Promise<Ended> {
  const session = await change.db
    .updateTable("sessions")
    .set(ending(database, reason))
    .where((on) => isThis(on, which))
    .where("ended_at", "is", null)
    .returning([...endedColumns, "user_id"])
    .executeTakeFirst();
  if (session === undefined) {
    const known = await change.db
      .selectFrom("sessions")
      .select("sid")
      .where((on) => isThis(on, which))
      .executeTakeFirst();
    return known === undefined ? "unknown" : "already_ended";
  }
  revokeEnded(database, change, session);
  const { user_id: userId, sid } = session;
  change.record({ event: "session_ended", userId, sid, ...origin, detail: { reason } });
  return "ended";
}

function isThis(
  on: ExpressionBuilder<Tables, "sessions">,
  which: OneSession,
): ExpressionWrapper<Tables, "sessions", SqlBool> {
  if ("secretHash" in which) return isHeldBy(on, which.secretHash);
  const { sid, userId } = which;
  return on.and([on("sid", "=", sid), ...(userId === undefined ? [] : [on("user_id", "=", userId)])]);
}

/** For so long a session waits until its next tokens are good, rather than end. */
const longestWaitMs = 60_000;

/**
 * Ends the sessions that have tokens of the future, of one user or of all: what outdates tokens would
 * have to date the next ones after those, and nobody would take them until then.
 */
export async function endDatedAhead(database: Database, change: Change, userId?: string): Promise<void> {
  const ahead = sql<number>`${database.now()} + ${sql.lit(clockToleranceMs)}`;
  const ended = await change.db
    .updateTable("sessions")
    .set(ending(database, "revoked"))
    .$if(userId !== undefined, (query) => query.where("user_id", "=", userId ?? ""))
    .where("kind", "=", "token")
    .where("ended_at", "is", null)
    .where((on) =>
      on.or([
        on("renewed_at", ">", ahead),
        on(sql`tokens_before * 1000`, ">", sql`${database.now()} + ${sql.lit(longestWaitMs)}`),
        on("dated_ahead_until", ">", database.now()),
        // Of what a step-up gave, which is dated a second ahead at times.
        on("pending_at", ">", sql<number>`${ahead} + 1000`),
      ]),
    )
    .returning(endedColumns)
    .execute();
  for (const session of ended) revokeEnded(database, change, session);
}

/**
 * Ends every live session of the user but `keepSid`. Returns how many. The user's row must be held.
 */
export async function endSessionsOf(
  database: Database,
  change: Change,
  userId: string,
  reason: EndReason,
  keepSid: string | null,
): Promise<number> {
  const ended = await change.db
    .updateTable("sessions")
    .set(ending(database, reason))
    .where("user_id", "=", userId)
    .where("ended_at", "is", null)
    .$if(keepSid !== null, (query) => query.where("sid", "!=", keepSid ?? ""))
    .returning(endedColumns)
    .execute();
  for (const session of ended) revokeEnded(database, change, session);
  return ended.length;
}

/**
 * Locks the user's row until the transaction ends, where rows have locks.
 * Changes to several sessions of one user take turns through it, and so does opening one.
 */
export async function holdUser(database: Database, db: Kysely<Tables>, userId: string): Promise<void> {
  if (database.dialect === "sqlite") return;
  await db.selectFrom("users").select("id").where("id", "=", userId).forUpdate().execute();
}

/** What is judged of an account whose row is held. */
export interface HeldUser {
  readonly roles: readonly string[];
  readonly status: "active" | "disabled";
  readonly secondFactor: boolean;
}

/** The same for several, in the order of their ids, so that no two wait for each other; and what they are. */
export async function holdUsers(
  database: Database,
  db: Kysely<Tables>,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, HeldUser>> {
  const rows = await db
    .selectFrom("users")
    .select(["id", "roles", "status", "second_factor"])
    .where("id", "in", userIds)
    .orderBy("id")
    .$if(database.dialect === "postgres", (query) => query.forUpdate())
    .execute();
  return new Map(
    rows.map(({ id, roles, status, second_factor: factor }) => [
      id,
      { roles: JSON.parse(roles) as string[], status, secondFactor: factor === 1 },
    ]),
  );
}
