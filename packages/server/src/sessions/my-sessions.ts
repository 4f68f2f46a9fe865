// What the owner of an account may do with its sessions: see them, end one, log out.
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import type { SessionEntry } from "./session.ts";
import type { SessionStore } from "./session-store.ts";
import type { StoredSessions } from "./store.ts";

/** Whose session asks, and for which of the owner's sessions. */
export interface LogoutInput {
  readonly userId: string;
  readonly sid: string | undefined;
  readonly scope: "session" | "others" | "all";
}

export interface MySessions {
  /** The owner's live sessions, newest first. */
  list(userId: string): Promise<SessionEntry[]>;
  /** Ends one session of this owner. @throws ServiceError `not_found` */
  end(userId: string, sid: string, origin: Origin): Promise<void>;
  /** When it returns, the tokens of the ended sessions are refused here. Doing it twice changes nothing. */
  logout(input: LogoutInput, origin: Origin): Promise<void>;
}

export interface MySessionsOptions {
  readonly sessions: Pick<StoredSessions, "list" | "end" | "endAll">;
  /** Knows of cookie sessions that the store does not know of. */
  readonly sessionStore: Pick<SessionStore, "list" | "end" | "endOthers">;
}

export function createMySessions({ sessions, sessionStore }: MySessionsOptions): MySessions {
  return {
    async list(userId) {
      return [...(await sessions.list(userId)), ...(await sessionStore.list(userId))].toSorted(
        (a, b) => b.openedAtMs - a.openedAtMs,
      );
    },

    async end(userId, sid, origin) {
      if (sessionStore.end(userId, sid)) return;
      const outcome = await sessions.end({ sid, userId }, "revoked", origin);
      if (outcome === "unknown") throw new ServiceError("not_found");
    },

    async logout({ userId, sid, scope }, origin) {
      if (scope === "session") {
        if (sid !== undefined && !sessionStore.end(userId, sid))
          await sessions.end({ sid, userId }, "logout", origin);
      } else {
        const keepSid = scope === "others" ? (sid ?? null) : null;
        sessionStore.endOthers(userId, keepSid);
        await sessions.endAll(userId, keepSid, "logout", origin);
      }
    },
  };
}
