// Sessions: one login on one device, kept alive by renewals (tokens) or by use (cookies), until it
// ends.

import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import type { AgreedTime } from "../database/steady-clock.ts";
import { forgetDevicesOf } from "../devices/store.ts";
import {
  type AskingAccount,
  type AskingRefusal,
  type AskingSession,
  createChangeAsked,
  createChangeAskedBy,
} from "./asking.ts";
import { createCookieUse, type UseCookie } from "./cookie-use.ts";
import { createSessionPruning } from "./pruning.ts";
import { createRaising, type RaiseSession } from "./raising.ts";
import { createPreparation, type PrepareRenewal } from "./renewal-preparation.ts";
import { createRenewal, type RenewSession } from "./renewal.ts";
import { type Ended, endOne, type EndReason, endSessionsOf } from "./ending.ts";
import { createOpening, type OpenSession } from "./opening.ts";
import { flag, globalTokensBefore, isLive } from "./rows.ts";
import type { Device } from "./device.ts";
import { createTellOfLogin, type TellOfLogin } from "./opened-login.ts";
import type { SessionEntry, SessionLimits } from "./session.ts";

/** What introspection needs to know of a session, live or not. */
export interface SessionState {
  readonly live: boolean;
  readonly userId: string;
  readonly clientId: string;
  readonly current: number;
  readonly previous: number | null;
  /** What a step-up gave out last, while it is above `current`. */
  readonly pending: number | null;
  /** Whole seconds: access tokens issued earlier are dead. */
  readonly tokensBefore: number;
}

export interface StoredSessions {
  /**
   * Opens a session, or refuses where the account has changed since its password was checked. Its
   * first refresh token carries generation 0.
   */
  readonly open: OpenSession;
  /** Exchanges a refresh token for its successor, or says why not; see `Renewal`. */
  readonly renew: RenewSession;
  /** Keeps what a step-up gives out, until it is presented. */
  readonly raise: RaiseSession;
  /** Looks at the session first, for what must be made before the generation moves. */
  readonly prepareRenewal: PrepareRenewal;
  /** Finds the live session that a cookie's secret belongs to, and keeps it from going idle. */
  readonly useCookie: UseCookie;
  /** The state of a session, ended ones included until they are forgotten. */
  find(sid: string): Promise<SessionState | undefined>;
  /** The user's live sessions, newest first. */
  list(userId: string): Promise<SessionEntry[]>;
  /**
   * Ends one session; asking again changes nothing. With `userId`, only a session of that user:
   * anyone else's is `unknown`. With `by`, while that account may.
   */
  end(
    session: { readonly sid: string; readonly userId?: string },
    reason: EndReason,
    origin?: Origin,
    by?: AskingAccount,
  ): Promise<Ended | AskingRefusal>;
  /** The same for a session of the user whose other session, `asking`, wants it ended. */
  endAsked(
    session: { readonly sid: string; readonly userId: string },
    asking: AskingSession,
    reason: EndReason,
    origin?: Origin,
  ): Promise<Ended | "logged_out">;
  /** Ends the cookie session of this secret. */
  endCookie(secretHash: string, origin?: Origin): Promise<Ended>;
  /**
   * Ends all sessions of the user except `keepSid`. Null ends all, and then no device of the account
   * is known any more. Returns how many there were. With `by`, while that account may.
   */
  endAll(
    userId: string,
    keepSid: string | null,
    reason: EndReason,
    origin?: Origin,
    by?: AskingAccount,
  ): Promise<number | AskingRefusal>;
  /** The same, asked for by a session of the user and only while it lives. */
  endAllAsked(
    userId: string,
    keepSid: string | null,
    asking: AskingSession,
    reason: EndReason,
    origin?: Origin,
  ): Promise<"ended" | "logged_out">;
  /**
   * Forgets sessions that ended or passed a limit more than a day ago, page by page. Returns how
   * many.
   */
  prune(signal?: AbortSignal): Promise<number>;
}

export function createStoredSessions(
  database: Database,
  limits: SessionLimits,
  agreedTime: AgreedTime,
  tellOfLogin: TellOfLogin = createTellOfLogin(database, undefined),
): StoredSessions {
  const { db } = database;
  const changeAsked = createChangeAsked(database, limits);
  const changeAskedBy = createChangeAskedBy(database, limits);

  async function endAllIn(
    change: Change,
    userId: string,
    keepSid: string | null,
    reason: EndReason,
    origin: Origin,
  ): Promise<number> {
    const ended = await endSessionsOf(database, change, userId, reason, keepSid);
    if (keepSid === null) await forgetDevicesOf(change, userId);
    const detail = { reason, ended };
    if (ended > 0) change.record({ event: "sessions_ended", userId, sid: keepSid, ...origin, detail });
    return ended;
  }

  const raising = createRaising(database, limits);

  return {
    open: createOpening(database, limits, tellOfLogin),
    renew: createRenewal(database, limits, raising),
    prepareRenewal: createPreparation(database, limits),
    raise: raising.raise,
    useCookie: createCookieUse(database, limits, raising),
    prune: createSessionPruning(database, limits, agreedTime),

    async find(sid) {
      const row = await db
        .selectFrom("sessions")
        .select(["user_id", "client_id", "current", "previous", "pending", "tokens_before"])
        .select(globalTokensBefore)
        .select((on) => flag(isLive(database, limits, on)).as("live"))
        .where("sid", "=", sid)
        .executeTakeFirst();
      return (
        row && {
          live: row.live === 1,
          userId: row.user_id,
          clientId: row.client_id,
          current: row.current,
          previous: row.previous,
          pending: row.pending,
          tokensBefore: Math.max(row.tokens_before, row.global_tokens_before),
        }
      );
    },

    async list(userId) {
      const rows = await db
        .selectFrom("sessions")
        .select(["sid", "kind", "device", "client_id", "authenticated_at", "renewed_at"])
        .where("user_id", "=", userId)
        .where((on) => isLive(database, limits, on))
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
    },

    async end(session, reason, origin = {}, by) {
      // One statement ends one session: the account is held only where somebody else asks.
      const { outcome } = await changeAskedBy(by && session.userId, by, async (change) => ({
        outcome: await endOne(database, change, session, reason, origin),
      }));
      return outcome;
    },

    async endAsked(session, asking, reason, origin = {}) {
      const result = await changeAsked(session.userId, asking, async (change) => ({
        outcome: await endOne(database, change, session, reason, origin),
      }));
      return result.outcome;
    },

    async endCookie(secretHash, origin = {}) {
      return database.change((change) => endOne(database, change, { secretHash }, "logout", origin));
    },

    async endAll(userId, keepSid, reason, origin = {}, by) {
      const { outcome } = await changeAskedBy(userId, by, async (change) => ({
        outcome: await endAllIn(change, userId, keepSid, reason, origin),
      }));
      return outcome;
    },

    async endAllAsked(userId, keepSid, asking, reason, origin = {}) {
      const { outcome } = await changeAsked(userId, asking, async (change) => {
        await endAllIn(change, userId, keepSid, reason, origin);
        return { outcome: "ended" as const };
      });
      return outcome;
    },
  };
}
