// Keeps cookie sessions in this process alone: they end with it, and no other instance knows them.
import type { AuditTrail } from "../audit/trail.ts";
import type { AuditDetail, Origin } from "../database/audit-event.ts";
import { newId, type RandomBytes } from "../randomness.ts";
import type { FactorShown, HasFactorStill } from "./factor-shown.ts";
import type { OpenedLogin } from "./opened-login.ts";
import {
  clockToleranceMs,
  defaultGraceSeconds,
  multiFactor,
  rolesOfSession,
  type SessionEntry,
  type SessionGrant,
  type SessionLimits,
} from "./session.ts";
import type { SessionStore } from "./session-store.ts";
import { type MemorySession, SessionTable } from "./session-table.ts";
import { createTurns } from "./turns.ts";

/** What is read of an account whenever one of its sessions is looked up. */
interface AccountLookup {
  credentials(userId: string): Promise<
    | {
        readonly account: { readonly status: string; readonly roles: readonly string[] };
        readonly passwordVersion: number;
        readonly deviceEpoch: number;
        readonly secondFactor: boolean;
      }
    | undefined
  >;
}

export interface MemorySessionsOptions {
  readonly accounts: AccountLookup;
  /** @default no account has any factor */
  readonly hasFactorStill?: HasFactorStill | undefined;
  readonly audit: Pick<AuditTrail, "record">;
  /** Tells the trail of a login, and whoever else has to hear of it. @default the trail alone */
  readonly tellOfLogin?: ((login: OpenedLogin, origin: Origin) => Promise<void>) | undefined;
  /** `perUser` counts the sessions kept here, apart from those in the store. */
  readonly limits: Pick<
    SessionLimits,
    "idleSeconds" | "absoluteSeconds" | "perUser" | "rolesWithSecondFactor"
  >;
  /** Milliseconds since the epoch. */
  readonly nowMs?: (() => number) | undefined;
  readonly randomBytes?: RandomBytes | undefined;
}

/**
 * The session is memory, its account is not: status, roles and `passwordVersion` are read from the
 * store at every look-up (one row, by its primary key). So whatever happens to the account, by
 * whatever process, counts at the next request, and without the database there is an error instead
 * of a guess.
 */
export function createMemorySessions(options: MemorySessionsOptions): SessionStore {
  const {
    accounts,
    hasFactorStill = async () => false,
    audit,
    tellOfLogin = ({ userId, sid, kind, amr }, origin) =>
      audit.record({ event: "session_opened", userId, sid, ...origin, detail: { kind, amr } }),
    limits,
    nowMs = () => Date.now(),
    randomBytes,
  } = options;
  const table = new SessionTable();
  const inTurn = createTurns();

  /** A limit is reached at its very millisecond. */
  function isOver({ openedAtMs, lastUsedAtMs }: MemorySession, now: number): boolean {
    return (
      now - lastUsedAtMs >= limits.idleSeconds * 1000 || now - openedAtMs >= limits.absoluteSeconds * 1000
    );
  }

  /** What is left at the front has been used since, so a sweep costs only what it removes. */
  function sweep(now: number): void {
    for (const session of table.all()) {
      if (!isOver(session, now)) return;
      table.delete(session);
    }
  }

  /**
   * Keeps the session in place of the ones that it replaces and displaces, in one go. Returns
   * those, which have ended.
   */
  function putInPlace(
    session: MemorySession,
    replacesSecretHash: string | undefined,
    now: number,
  ): { readonly session: MemorySession; readonly detail: AuditDetail }[] {
    const before = replacesSecretHash === undefined ? undefined : table.get(replacesSecretHash);
    const replaced = before && isVoid(before, replacesSecretHash ?? "") ? undefined : before;
    if (replaced !== undefined) table.delete(replaced);
    const isLive = (other: MemorySession): boolean =>
      other.passwordVersion === session.passwordVersion && !isOver(other, now);
    const others = table.ofUser(session.userId).filter(isLive);
    table.put(session);
    const displaced = others.slice(0, Math.max(0, others.length + 1 - limits.perUser));
    for (const other of displaced) table.delete(other);
    return [
      ...(replaced === undefined ? [] : [{ session: replaced, detail: { reason: "logout" } }]),
      ...displaced.map((other) => ({ session: other, detail: { reason: "displaced", by: session.sid } })),
    ];
  }

  const find = (userId: string, sid: string): MemorySession | undefined =>
    table.ofUser(userId).find((session) => session.sid === sid);

  async function recordEnd(session: MemorySession, detail: AuditDetail, origin: Origin): Promise<void> {
    const { sid, userId } = session;
    await audit.record({ event: "session_ended", userId, sid, ...origin, detail });
  }

  /** With `opening`, judged as the statement does that opens a session in the database. */
  async function grantOf(
    session: MemorySession,
    now: number,
    opening?: { readonly deviceEpoch: number | undefined; readonly factor: FactorShown | undefined },
  ): Promise<SessionGrant | undefined> {
    const { sid, userId, clientId, amr, openedAtMs, provedAtMs = openedAtMs } = session;
    const credentials = await accounts.credentials(userId);
    if (credentials?.account.status !== "active" || credentials.passwordVersion !== session.passwordVersion)
      return;
    if (opening !== undefined) {
      const { deviceEpoch = credentials.deviceEpoch, factor } = opening;
      if (factor !== undefined && !(await hasFactorStill(userId, factor))) return;
      if (credentials.deviceEpoch !== deviceEpoch) return;
      if (credentials.secondFactor && !amr.includes(multiFactor)) return;
    }
    const authTime = Math.floor(provedAtMs / 1000);
    const askedAt = Math.floor(now / 1000);
    const endMs = Math.min(now + limits.idleSeconds * 1000, openedAtMs + limits.absoluteSeconds * 1000);
    const endsAt = Math.floor(endMs / 1000);
    return {
      sid,
      userId,
      roles: rolesOfSession(
        credentials.account.roles,
        { amr, secondFactor: credentials.secondFactor },
        limits,
      ),
      clientId,
      amr,
      authTime,
      issuedAt: askedAt,
      askedAt,
      endsAt,
    };
  }

  /** A void secret came back. Long after, it is no request that was under way: two hold copies. */
  async function endReused(session: MemorySession, now: number): Promise<undefined> {
    const { atMs } = session.voided ?? { atMs: now };
    if (now - atMs <= defaultGraceSeconds * 1000) return;
    table.delete(session);
    await recordEnd(session, { reason: "reuse" }, {});
  }

  return {
    /** In turn with what ends all sessions of the user: it ends this one, or it comes before. */
    open: ({ secretHash, replacesSecretHash }, { deviceEpoch, factor, isNewDevice, ...session }, origin) =>
      inTurn(session.userId, async () => {
        const now = nowMs();
        sweep(now);
        const sid = newId(randomBytes);
        const opened: MemorySession = { ...session, secretHash, sid, openedAtMs: now, lastUsedAtMs: now };
        const grant = await grantOf(opened, now, { deviceEpoch, factor });
        if (grant === undefined) return undefined;
        await tellOfLogin({ ...session, sid, kind: "cookie", isNewDevice }, origin);
        // Ended first, told then: should the trail not take it, the login fails and they are over all
        // the same.
        for (const ended of putInPlace(opened, replacesSecretHash, now))
          await recordEnd(ended.session, ended.detail, origin);
        return grant;
      }),

    async use(secretHash) {
      const session = table.get(secretHash);
      if (session === undefined) return undefined;
      const now = nowMs();
      if (isOver(session, now)) {
        table.delete(session);
        return undefined;
      }
      if (isVoid(session, secretHash)) return endReused(session, now);
      const { pending } = session;
      const isFirst = pending?.secretHash === secretHash;
      const level = isFirst ? { ...session, amr: pending.amr, provedAtMs: pending.atMs } : session;
      const grant = await grantOf(level, now);
      // It may have ended, or been made void, while the account was read.
      if (grant === undefined || table.get(secretHash) !== session || isVoid(session, secretHash))
        return undefined;
      session.lastUsedAtMs = now;
      table.put(session);
      if (session.pending?.secretHash !== secretHash) return grant;
      table.present(session, now);
      const { sid, userId, amr } = grant;
      await audit.record({ event: "session_raised", userId, sid, detail: { amr } });
      return grant;
    },

    async raise({ userId, asking: { sid }, amr, passwordVersion, factor }, secretHash, origin) {
      const now = nowMs();
      const session = find(userId, sid);
      if (session === undefined || isOver(session, now)) return { outcome: "logged_out" };
      const { provedAtMs = session.openedAtMs, pending } = session;
      const atMs = Math.max(now, (Math.floor(Math.max(provedAtMs, pending?.atMs ?? 0) / 1000) + 1) * 1000);
      if (atMs > now + clockToleranceMs) return { outcome: "too_soon" };
      if (passwordVersion !== undefined && passwordVersion !== session.passwordVersion)
        return { outcome: "refused" };
      const hasFactor = factor === undefined || (await hasFactorStill(userId, factor));
      const grant = await grantOf(session, now);
      if (find(userId, sid) !== session) return { outcome: "logged_out" };
      if (!hasFactor || grant === undefined) return { outcome: "refused" };
      table.setPending(session, { secretHash, amr, atMs });
      const detail = { kind: "cookie", amr };
      await audit.record({ event: "session_stepped_up", userId, sid, ...origin, detail });
      return { outcome: "raised" };
    },

    async close(secretHash, origin) {
      const session = table.get(secretHash);
      if (session === undefined || isVoid(session, secretHash)) return;
      await inTurn(session.userId, async () => {
        if (table.get(secretHash) !== session || isVoid(session, secretHash)) return;
        // Ended first: should the trail not take the event, the request fails and the session is
        // over all the same.
        table.delete(session);
        await recordEnd(session, { reason: "logout" }, origin);
      });
    },

    async list(userId) {
      const now = nowMs();
      const version = (await accounts.credentials(userId))?.passwordVersion;
      const live = table
        .ofUser(userId)
        .filter((session) => session.passwordVersion === version && !isOver(session, now));
      return live.map(entryOf).toSorted((a, b) => b.openedAtMs - a.openedAtMs);
    },

    inTurn,

    asking({ userId, sid, issuedAt, amr }) {
      const session = find(userId, sid);
      if (session === undefined) return { sid, issuedAt, amr };
      return {
        sid,
        issuedAt,
        amr,
        isLiveHere: () => table.get(session.secretHash) === session && !isOver(session, nowMs()),
      };
    },

    async succeed({ userId, sid, passwordVersion }, secretHash, origin) {
      const now = nowMs();
      const predecessor = find(userId, sid);
      if (predecessor === undefined || isOver(predecessor, now)) return undefined;
      const successor = {
        ...predecessor,
        sid: newId(randomBytes),
        secretHash,
        passwordVersion,
        lastUsedAtMs: now,
      };
      table.delete(predecessor);
      table.put(successor);
      const grant = await grantOf(successor, now);
      if (grant === undefined || table.get(secretHash) !== successor) {
        table.delete(successor);
        return undefined;
      }
      const { amr } = successor;
      const detail = { kind: "cookie", amr, replaces: sid };
      await audit.record({ event: "session_opened", userId, sid: successor.sid, ...origin, detail });
      return grant;
    },

    async endOthers(userId, keepSid, reason, origin) {
      const now = nowMs();
      const others = table.ofUser(userId).filter(({ sid }) => sid !== keepSid);
      for (const session of others) table.delete(session);
      const ended = others.filter((session) => !isOver(session, now)).length;
      const detail = { reason, ended };
      if (ended > 0) await audit.record({ event: "sessions_ended", userId, sid: keepSid, ...origin, detail });
    },

    async end(userId, sid, reason, origin) {
      const session = find(userId, sid);
      if (session === undefined) return false;
      table.delete(session);
      await recordEnd(session, { reason }, origin);
      return true;
    },
  };
}

function isVoid({ voided }: MemorySession, secretHash: string): boolean {
  return voided?.secretHash === secretHash;
}

function entryOf({ sid, device, clientId, openedAtMs, lastUsedAtMs }: MemorySession): SessionEntry {
  return { sid, kind: "cookie", device, clientId, openedAtMs, lastUsedAtMs };
}
