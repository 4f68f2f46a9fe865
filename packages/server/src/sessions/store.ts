// Sessions: one log-in on one device, kept alive by renewals (tokens) or by use (cookies), until it ends.

import { sql, type ExpressionBuilder } from "kysely";
import type { Origin } from "../audit/trail.ts";
import type { Database } from "../database/database.ts";
import { pageRows, removeByPages, type Page } from "../database/paging.ts";
import { renewSession, type Presented, type Renewal } from "./renewal.ts";
import { endedColumns, ending, endSessionsOf, holdUser, revokeEnded, type EndReason } from "./ending.ts";
import { openSession, type NewSession, type Opening } from "./opening.ts";
import {
  flag,
  globalTokensBefore,
  grantColumns,
  grantOf,
  isLive,
  type Device,
  type SessionGrant,
  type SessionLimits,
} from "./rows.ts";
import type { Tables } from "../database/tables.ts";

export type { NewSession } from "./opening.ts";
export type { Device, SessionGrant, SessionLimits } from "./rows.ts";

/** A live session as its owner sees it; never token material. */
export interface SessionEntry {
  readonly sid: string;
  readonly kind: "token" | "cookie";
  readonly device: Device;
  readonly clientId: string;
  readonly openedAtMs: number;
  readonly lastUsedAtMs: number;
}

/** What introspection needs to know of a session, live or not. */
export interface SessionState {
  readonly live: boolean;
  readonly userId: string;
  readonly clientId: string;
  readonly current: number;
  readonly previous: number | null;
  /** Whole seconds: access tokens issued earlier are dead. */
  readonly tokensBefore: number;
}

/** Use of a cookie session is written down at most this often. */
const useIntervalMs = 60_000;

export class Sessions {
  readonly #database: Database;
  readonly #limits: SessionLimits;

  constructor(database: Database, limits: SessionLimits) {
    this.#database = database;
    this.#limits = limits;
  }

  /** Opens a session, or refuses where the account has changed since its password was checked. Its first refresh token carries generation 0. */
  open(session: NewSession, origin: Origin = {}): Promise<Opening> {
    return openSession(this.#database, this.#limits, session, origin);
  }

  /** Exchanges a refresh token for its successor, or says why not; see `Renewal`. */
  renew(presented: Presented, origin: Origin = {}): Promise<Renewal> {
    return renewSession(this.#database, this.#limits, presented, origin);
  }

  /**
   * Finds the live session that a cookie's secret belongs to, its user being active, and keeps it from going idle.
   * Asked at every request: one read, and one write a minute at most.
   */
  async useCookie(secretHash: string): Promise<SessionGrant | undefined> {
    const { db, now } = this.#database;
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
      .where((on) => isLive(this.#database, this.#limits, on))
      .executeTakeFirst();
    if (row === undefined) return undefined;
    if (row.due === 1) {
      await db
        .updateTable("sessions")
        .set({ renewed_at: now() })
        .where("sid", "=", row.sid)
        .where("renewed_at", "<=", sql<number>`${now()} - ${sql.lit(useIntervalMs)}`)
        .where((on) => isLive(this.#database, this.#limits, on))
        .execute();
    }
    return grantOf(row);
  }

  /** The state of a session, ended ones included until they are forgotten. */
  async find(sid: string): Promise<SessionState | undefined> {
    const { db } = this.#database;
    const row = await db
      .selectFrom("sessions")
      .select(["user_id", "client_id", "current", "previous", "tokens_before"])
      .select(globalTokensBefore)
      .select((on) => flag(isLive(this.#database, this.#limits, on)).as("live"))
      .where("sid", "=", sid)
      .executeTakeFirst();
    return (
      row && {
        live: row.live === 1,
        userId: row.user_id,
        clientId: row.client_id,
        current: row.current,
        previous: row.previous,
        tokensBefore: Math.max(row.tokens_before, row.global_tokens_before),
      }
    );
  }

  /** The user's live sessions, newest first. */
  async list(userId: string): Promise<SessionEntry[]> {
    const rows = await this.#database.db
      .selectFrom("sessions")
      .select(["sid", "kind", "device", "client_id", "authenticated_at", "renewed_at"])
      .where("user_id", "=", userId)
      .where((on) => isLive(this.#database, this.#limits, on))
      .orderBy("authenticated_at", "desc")
      .orderBy("sid")
      .execute();
    return rows.map((row) => ({
      sid: row.sid,
      kind: row.kind,
      device: JSON.parse(row.device) as Device,
      clientId: row.client_id,
      openedAtMs: row.authenticated_at,
      lastUsedAtMs: row.renewed_at,
    }));
  }

  /**
   * Ends one session; asking again changes nothing. With `userId`, only a session of that user: anyone else's is `unknown`.
   */
  async end(
    session: { readonly sid: string; readonly userId?: string },
    reason: EndReason,
    origin: Origin = {},
  ): Promise<"ended" | "already_ended" | "unknown"> {
    return this.#endWhere(
      (on) =>
        on.and([
          on("sid", "=", session.sid),
          ...(session.userId === undefined ? [] : [on("user_id", "=", session.userId)]),
        ]),
      reason,
      origin,
    );
  }

  /** Ends the cookie session of this secret. */
  async endCookie(secretHash: string, origin: Origin = {}): Promise<"ended" | "already_ended" | "unknown"> {
    return this.#endWhere((on) => on("secret_hash", "=", secretHash), "logout", origin);
  }

  /** Ends all sessions of the user except `keepSid` (null ends all). Returns how many there were. */
  async endAll(
    userId: string,
    keepSid: string | null,
    reason: EndReason,
    origin: Origin = {},
  ): Promise<number> {
    return this.#database.change(async (change) => {
      await holdUser(this.#database, change.db, userId);
      const ended = await endSessionsOf(this.#database, change, userId, reason, keepSid);
      if (ended > 0) {
        change.record({
          event: "sessions_ended",
          userId,
          sid: keepSid,
          ...origin,
          detail: { reason, ended },
        });
      }
      return ended;
    });
  }

  /** Forgets sessions that ended or passed a limit more than a day ago, page by page. Returns how many. */
  prune(signal?: AbortSignal): Promise<number> {
    return removeByPages("", (after) => this.#prunePage(after), signal);
  }

  async #prunePage(after: string): Promise<Page<string>> {
    const { db, now, dialect } = this.#database;
    const { end } = await db
      .selectFrom((from) =>
        from
          .selectFrom("sessions")
          .select("sid")
          .where("sid", ">", after)
          .orderBy("sid")
          .limit(pageRows)
          .as("page"),
      )
      .select((on) => on.fn.max("page.sid").as("end"))
      .executeTakeFirstOrThrow();
    if (end === null) return { removed: 0, end: undefined };
    const dayMs = 86_400_000;
    const before = (ageMs: number) => sql<number>`${now()} - ${sql.lit(ageMs + dayMs)}`;
    const { numDeletedRows } = await db
      .deleteFrom("sessions")
      .where("sid", "in", (on) =>
        on
          .selectFrom("sessions")
          .select("sid")
          .where("sid", ">", after)
          .where("sid", "<=", end)
          .where((at) =>
            at.or([
              at("ended_at", "<", before(0)),
              at("renewed_at", "<", before(this.#limits.idleSeconds * 1000)),
              at("authenticated_at", "<", before(this.#limits.absoluteSeconds * 1000)),
            ]),
          )
          .$if(dialect === "postgres", (query) => query.forUpdate().skipLocked()),
      )
      .executeTakeFirst();
    return { removed: Number(numDeletedRows), end };
  }

  #endWhere(
    condition: (on: ExpressionBuilder<Tables, "sessions">) => ReturnType<typeof isLive>,
    reason: EndReason,
    origin: Origin,
  ): Promise<"ended" | "already_ended" | "unknown"> {
    return this.#database.change(async (change) => {
      const session = await change.db
        .updateTable("sessions")
        .set(ending(this.#database, reason))
        .where(condition)
        .where("ended_at", "is", null)
        .returning([...endedColumns, "user_id"])
        .executeTakeFirst();
      if (session === undefined) {
        const known = await change.db
          .selectFrom("sessions")
          .select("sid")
          .where(condition)
          .executeTakeFirst();
        return known === undefined ? "unknown" : "already_ended";
      }
      revokeEnded(this.#database, change, session);
      change.record({
        event: "session_ended",
        userId: session.user_id,
        sid: session.sid,
        ...origin,
        detail: { reason },
      });
      return "ended";
    });
  }
}
