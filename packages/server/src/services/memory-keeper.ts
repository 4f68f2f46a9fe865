// Keeps cookie sessions in this process alone: they end with it, and no other instance knows them.
import { randomBytes } from "node:crypto";
import type { SessionGrant, SessionLimits } from "../store/session-rows.ts";
import type { SessionEntry } from "../store/sessions.ts";
import type { Store } from "../store/store.ts";
import type { NewCookieSession, SessionKeeper } from "./cookie-sessions.ts";

export interface MemoryKeeperOptions {
  readonly store: Pick<Store, "accounts" | "audit">;
  readonly limits: Pick<SessionLimits, "idleSeconds" | "absoluteSeconds">;
  /** Milliseconds since the epoch. */
  readonly nowMs?: (() => number) | undefined;
}

interface KeptSession extends NewCookieSession {
  readonly sid: string;
  readonly openedAtMs: number;
  lastUsedAtMs: number;
  passwordVersion: number;
}

/**
 * The session is memory, its account is not: status, roles and `passwordVersion` are read from the store at every
 * look-up (one row, by its primary key). So whatever happens to the account, by whatever process, counts at the next
 * request, and without the database there is an error instead of a guess.
 */
export function createMemoryKeeper({ store, limits, nowMs = Date.now }: MemoryKeeperOptions): SessionKeeper {
  /** By the hash of the secret; the least recently used comes first. */
  const kept = new Map<string, KeptSession>();

  /** A limit is reached at its very millisecond. */
  function isOver({ openedAtMs, lastUsedAtMs }: KeptSession, now: number): boolean {
    return (
      now - lastUsedAtMs >= limits.idleSeconds * 1000 || now - openedAtMs >= limits.absoluteSeconds * 1000
    );
  }

  /** What is left at the front has been used since, so a sweep costs only what it removes. */
  function sweep(now: number): void {
    for (const [secretHash, session] of kept) {
      if (!isOver(session, now)) return;
      kept.delete(secretHash);
    }
  }

  async function grantOf(session: KeptSession, now: number): Promise<SessionGrant | undefined> {
    const { sid, userId, clientId, amr, openedAtMs } = session;
    const found = await store.accounts.credentials(userId);
    if (found?.account.status !== "active" || found.passwordVersion !== session.passwordVersion) return;
    const authTime = Math.floor(openedAtMs / 1000);
    const issuedAt = Math.floor(now / 1000);
    return { sid, userId, roles: found.account.roles, clientId, amr, authTime, issuedAt };
  }

  function* sessionsOf(userId: string): Generator<[string, KeptSession]> {
    for (const entry of kept) if (entry[1].userId === userId) yield entry;
  }

  return {
    async open(secretHash, session, origin) {
      const now = nowMs();
      sweep(now);
      const sid = randomBytes(16).toString("base64url");
      const opened: KeptSession = { ...session, sid, openedAtMs: now, lastUsedAtMs: now };
      const grant = await grantOf(opened, now);
      if (grant === undefined) return undefined;
      const { userId, amr } = session;
      await store.audit.record({
        event: "session_opened",
        userId,
        sid,
        ...origin,
        detail: { kind: "cookie", amr },
      });
      kept.set(secretHash, opened);
      return grant;
    },

    async use(secretHash) {
      const session = kept.get(secretHash);
      if (session === undefined) return undefined;
      const now = nowMs();
      if (isOver(session, now)) {
        kept.delete(secretHash);
        return undefined;
      }
      const grant = await grantOf(session, now);
      // It may have ended while the account was read.
      if (grant === undefined || kept.get(secretHash) !== session) return undefined;
      session.lastUsedAtMs = now;
      kept.delete(secretHash);
      kept.set(secretHash, session);
      return grant;
    },

    async close(secretHash, origin) {
      const session = kept.get(secretHash);
      if (session === undefined) return;
      // Ended first: should the trail not take the event, the request fails and the session is over all the same.
      kept.delete(secretHash);
      const { sid, userId } = session;
      await store.audit.record({
        event: "session_ended",
        userId,
        sid,
        ...origin,
        detail: { reason: "logout" },
      });
    },

    async list(userId) {
      const now = nowMs();
      const version = (await store.accounts.credentials(userId))?.passwordVersion;
      const live = [...sessionsOf(userId)].filter(
        ([, session]) => session.passwordVersion === version && !isOver(session, now),
      );
      return live.map(([, session]) => entryOf(session)).toSorted((a, b) => b.openedAtMs - a.openedAtMs);
    },

    endOthers(userId, keepSid, newPasswordVersion) {
      for (const [secretHash, session] of sessionsOf(userId)) {
        if (session.sid !== keepSid) kept.delete(secretHash);
        else session.passwordVersion = newPasswordVersion ?? session.passwordVersion;
      }
    },

    end(userId, sid) {
      for (const [secretHash, session] of sessionsOf(userId)) {
        if (session.sid === sid) return kept.delete(secretHash);
      }
      return false;
    },
  };
}

function entryOf({ sid, device, clientId, openedAtMs, lastUsedAtMs }: KeptSession): SessionEntry {
  return { sid, kind: "cookie", device, clientId, openedAtMs, lastUsedAtMs };
}
