// Keeps cookie sessions in this process alone: they end with it, and no other instance knows them.
import { randomBytes } from "node:crypto";
import type { AuditDetail, Origin } from "../audit/trail.ts";
import type { SessionGrant, SessionLimits } from "./rows.ts";
import type { SessionEntry } from "./store.ts";
import type { Store } from "../store.ts";
import type { SessionKeeper } from "./cookie-sessions.ts";
import { type KeptSession, KeptSessions } from "./session-table.ts";

export interface MemoryKeeperOptions {
  readonly store: Pick<Store, "accounts" | "audit">;
  /** `perUser` counts the sessions kept here, apart from those in the store. */
  readonly limits: Pick<SessionLimits, "idleSeconds" | "absoluteSeconds" | "perUser">;
  /** Milliseconds since the epoch. */
  readonly nowMs?: (() => number) | undefined;
}

/**
 * The session is memory, its account is not: status, roles and `passwordVersion` are read from the store at every
 * look-up (one row, by its primary key). So whatever happens to the account, by whatever process, counts at the next
 * request, and without the database there is an error instead of a guess.
 */
export function createMemoryKeeper({ store, limits, nowMs = Date.now }: MemoryKeeperOptions): SessionKeeper {
  const kept = new KeptSessions();

  /** A limit is reached at its very millisecond. */
  function isOver({ openedAtMs, lastUsedAtMs }: KeptSession, now: number): boolean {
    return (
      now - lastUsedAtMs >= limits.idleSeconds * 1000 || now - openedAtMs >= limits.absoluteSeconds * 1000
    );
  }

  /** What is left at the front has been used since, so a sweep costs only what it removes. */
  function sweep(now: number): void {
    for (const session of kept.all()) {
      if (!isOver(session, now)) return;
      kept.delete(session);
    }
  }

  /** Keeps the session in place of the ones that it replaces and displaces, in one go. Returns those, which have ended. */
  function putInPlace(
    session: KeptSession,
    replacesSecretHash: string | undefined,
    now: number,
  ): { readonly session: KeptSession; readonly detail: AuditDetail }[] {
    const replaced = replacesSecretHash === undefined ? undefined : kept.get(replacesSecretHash);
    if (replaced !== undefined) kept.delete(replaced);
    const isLive = (other: KeptSession): boolean =>
      other.passwordVersion === session.passwordVersion && !isOver(other, now);
    const others = kept.ofUser(session.userId).filter(isLive);
    kept.put(session);
    const displaced = others.slice(0, Math.max(0, others.length + 1 - limits.perUser));
    for (const other of displaced) kept.delete(other);
    return [
      ...(replaced === undefined ? [] : [{ session: replaced, detail: { reason: "logout" } }]),
      ...displaced.map((other) => ({ session: other, detail: { reason: "displaced", by: session.sid } })),
    ];
  }

  async function recordEnd(session: KeptSession, detail: AuditDetail, origin: Origin): Promise<void> {
    const { sid, userId } = session;
    await store.audit.record({ event: "session_ended", userId, sid, ...origin, detail });
  }

  async function grantOf(session: KeptSession, now: number): Promise<SessionGrant | undefined> {
    const { sid, userId, clientId, amr, openedAtMs } = session;
    const found = await store.accounts.credentials(userId);
    if (found?.account.status !== "active" || found.passwordVersion !== session.passwordVersion) return;
    const authTime = Math.floor(openedAtMs / 1000);
    const issuedAt = Math.floor(now / 1000);
    return { sid, userId, roles: found.account.roles, clientId, amr, authTime, issuedAt };
  }

  return {
    async open({ secretHash, replacesSecretHash }, session, origin) {
      const now = nowMs();
      sweep(now);
      const sid = randomBytes(16).toString("base64url");
      const opened: KeptSession = { ...session, secretHash, sid, openedAtMs: now, lastUsedAtMs: now };
      const grant = await grantOf(opened, now);
      if (grant === undefined) return undefined;
      const { userId, amr } = session;
      const detail = { kind: "cookie", amr };
      await store.audit.record({ event: "session_opened", userId, sid, ...origin, detail });
      // Ended first, told then: should the trail not take it, the log-in fails and they are over all the same.
      for (const ended of putInPlace(opened, replacesSecretHash, now))
        await recordEnd(ended.session, ended.detail, origin);
      return grant;
    },

    async use(secretHash) {
      const session = kept.get(secretHash);
      if (session === undefined) return undefined;
      const now = nowMs();
      if (isOver(session, now)) {
        kept.delete(session);
        return undefined;
      }
      const grant = await grantOf(session, now);
      // It may have ended while the account was read.
      if (grant === undefined || kept.get(secretHash) !== session) return undefined;
      session.lastUsedAtMs = now;
      kept.put(session);
      return grant;
    },

    async close(secretHash, origin) {
      const session = kept.get(secretHash);
      if (session === undefined) return;
      // Ended first: should the trail not take the event, the request fails and the session is over all the same.
      kept.delete(session);
      await recordEnd(session, { reason: "logout" }, origin);
    },

    async list(userId) {
      const now = nowMs();
      const version = (await store.accounts.credentials(userId))?.passwordVersion;
      const live = kept
        .ofUser(userId)
        .filter((session) => session.passwordVersion === version && !isOver(session, now));
      return live.map(entryOf).toSorted((a, b) => b.openedAtMs - a.openedAtMs);
    },

    endOthers(userId, keepSid, newPasswordVersion) {
      for (const session of kept.ofUser(userId)) {
        if (session.sid !== keepSid) kept.delete(session);
        else session.passwordVersion = newPasswordVersion ?? session.passwordVersion;
      }
    },

    end(userId, sid) {
      const found = kept.ofUser(userId).find((session) => session.sid === sid);
      return found !== undefined && kept.delete(found);
    },
  };
}

function entryOf({ sid, device, clientId, openedAtMs, lastUsedAtMs }: KeptSession): SessionEntry {
  return { sid, kind: "cookie", device, clientId, openedAtMs, lastUsedAtMs };
}
