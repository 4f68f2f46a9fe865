// What the owner of an account may do with its sessions: see them, end one, log out.
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import type { AskingSession } from "./asking.ts";
import type { CurrentSession, SessionEntry } from "./session.ts";
import type { SessionStore } from "./session-store.ts";
import type { StoredSessions } from "./store.ts";

export interface MySessions {
  /** The owner's live sessions, newest first. */
  list(userId: string): Promise<SessionEntry[]>;
  /** Ends one session of the owner. @throws ServiceError `not_found`, `logged_out` */
  end(asking: CurrentSession, sid: string, origin: Origin): Promise<void>;
  /**
   * Ends the session that asks, and no other. When it returns, its tokens are refused here. Doing it
   * twice changes nothing.
   */
  logout(asking: CurrentSession, origin: Origin): Promise<void>;
  /** Ends all others, or these and the one that asks, while it lives. @throws ServiceError `logged_out` */
  logoutMany(asking: CurrentSession, scope: "others" | "all", origin: Origin): Promise<void>;
}

export interface MySessionsOptions {
  readonly sessions: Pick<StoredSessions, "find" | "list" | "end" | "endAsked" | "endAllAsked">;
  /** Knows of cookie sessions that the store does not know of. */
  readonly sessionStore: Pick<SessionStore, "list" | "inTurn" | "asking" | "end" | "endOthers">;
}

export function createMySessions({ sessions, sessionStore }: MySessionsOptions): MySessions {
  const lives = async ({ sid, isLiveHere }: AskingSession): Promise<boolean> =>
    isLiveHere?.() ?? (await sessions.find(sid))?.live === true;

  return {
    async list(userId) {
      return [...(await sessions.list(userId)), ...(await sessionStore.list(userId))].toSorted(
        (a, b) => b.openedAtMs - a.openedAtMs,
      );
    },

    end: (current, sid, origin) =>
      sessionStore.inTurn(current.userId, async () => {
        const { userId } = current;
        const asking = sessionStore.asking(current);
        const isKeptHere = sessionStore.asking({ ...current, sid }).isLiveHere !== undefined;
        if (isKeptHere && !(await lives(asking))) throw new ServiceError("logged_out");
        if (await sessionStore.end(userId, sid, "revoked", origin)) return;
        const outcome = await sessions.endAsked({ sid, userId }, asking, "revoked", origin);
        if (outcome === "logged_out") throw new ServiceError("logged_out");
        if (outcome === "unknown") throw new ServiceError("not_found");
      }),

    logout: ({ userId, sid }, origin) =>
      sessionStore.inTurn(userId, async () => {
        if (await sessionStore.end(userId, sid, "logout", origin)) return;
        await sessions.end({ sid, userId }, "logout", origin);
      }),

    logoutMany: (current, scope, origin) =>
      sessionStore.inTurn(current.userId, async () => {
        const { userId, sid } = current;
        const keepSid = scope === "others" ? sid : null;
        const asking = sessionStore.asking(current);
        const outcome = await sessions.endAllAsked(userId, keepSid, asking, "logout", origin);
        if (outcome === "logged_out") throw new ServiceError("logged_out");
        await sessionStore.endOthers(userId, keepSid, "logout", origin);
      }),
  };
}
