// Cookie sessions, the classic way: a random value in the browser, looked up at every request.
import { createHash } from "node:crypto";
import type { Origin } from "../audit/trail.ts";
import type { SessionGrant } from "./rows.ts";
import type { NewSession, SessionEntry, Sessions } from "./store.ts";

/** A session as a keeper opens it; how the browser carries it is always the same. */
export type NewCookieSession = Omit<NewSession, "carrier">;

/**
 * Where cookie sessions are kept: found by the SHA-256 of the cookie's value, which itself is kept nowhere.
 *
 * What happens to accounts reaches a keeper in two ways. Everything that the store knows of a session's account
 * (disabled, deleted, roles, password) is judged at each look-up; the last three verbs are told by the services.
 */
export interface SessionKeeper {
  /**
   * Opens a session and ends the one that it replaces, and those that are then too many for the user.
   * Undefined: the account was disabled, or its password changed, since the password was checked.
   */
  open(
    hashes: { readonly secretHash: string; readonly replacesSecretHash?: string | undefined },
    session: NewCookieSession,
    origin: Origin,
  ): Promise<SessionGrant | undefined>;
  /** Finds a live session and keeps it from going idle. @throws StoreError when that cannot be told */
  use(secretHash: string): Promise<SessionGrant | undefined>;
  /** Ends the session of this secret, if there is one. */
  close(secretHash: string, origin: Origin): Promise<void>;

  /** The live sessions of a user that the store does not know of. */
  list(userId: string): Promise<readonly SessionEntry[]>;
  /** Ends all of them but `keepSid`, which goes on under the new password if that is why. */
  endOthers(userId: string, keepSid: string | null, newPasswordVersion?: number): void;
  /** Ends one of them; whether there was such a session. */
  end(userId: string, sid: string): boolean;
}

export interface CookieSessions {
  /** Whose live session this value is. @throws StoreError when that cannot be told */
  identify(value: string): Promise<SessionGrant | undefined>;
  /** Ends the session of this value; an unknown or ended one is no error. */
  logout(value: string, origin: Origin): Promise<void>;
}

export function createCookieSessions(keeper: Pick<SessionKeeper, "use" | "close">): CookieSessions {
  return {
    identify: (value) => keeper.use(hashOfSecret(value)),
    logout: (value, origin) => keeper.close(hashOfSecret(value), origin),
  };
}

/** Keeps sessions in the database: they outlive restarts and are shared by all instances. */
export function createDatabaseKeeper(
  sessions: Pick<Sessions, "open" | "useCookie" | "endCookie">,
): SessionKeeper {
  return {
    async open(hashes, session, origin) {
      const opened = await sessions.open({ ...session, carrier: { kind: "cookie", ...hashes } }, origin);
      return opened.outcome === "opened" ? opened.grant : undefined;
    },
    use: (secretHash) => sessions.useCookie(secretHash),
    async close(secretHash, origin) {
      await sessions.endCookie(secretHash, origin);
    },
    // The store's own verbs list and end these sessions, in the transaction of whatever ends them.
    list: async () => [],
    endOthers() {},
    end: () => false,
  };
}

/** A fast hash is enough: 256 random bits cannot be guessed (ASVS 6.5.2). */
export function hashOfSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
