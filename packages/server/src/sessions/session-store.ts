// The contract of a session store: where cookie sessions are, in the database or in the memory of
// this process.

import type { Origin } from "../database/audit-event.ts";
import type { AskingSession } from "./asking.ts";
import type { EndReason } from "./ending.ts";
import type { Raised, StepUp } from "./raising.ts";
import type { CurrentSession, NewSession, SessionEntry, SessionGrant } from "./session.ts";
import type { InTurn } from "./turns.ts";

/** A session as a session store opens it; how the browser carries it is always the same. */
export type NewCookieSession = Omit<NewSession, "carrier">;

/**
 * Where cookie sessions are kept: found by the SHA-256 of the cookie's value, which itself is kept
 * nowhere.
 *
 * What happens to accounts reaches a session store in two ways. Everything that the database knows
 * of a session's account (disabled, deleted, roles, password) is judged at each look-up; the last
 * five verbs are told by the services.
 */
export interface SessionStore {
  /**
   * Opens a session and ends the one that it replaces, and those that are then too many for the
   * user. Undefined: the account was disabled, or its password changed, since the password was
   * checked.
   */
  open(
    hashes: { readonly secretHash: string; readonly replacesSecretHash?: string | undefined },
    session: NewCookieSession,
    origin: Origin,
  ): Promise<SessionGrant | undefined>;
  /**
   * Finds a live session and keeps it from going idle.
   *
   * @throws StoreError when that cannot be told
   */
  use(secretHash: string): Promise<SessionGrant | undefined>;
  /**
   * Keeps another secret for the session that asks, which it goes on with, at the level that was shown, once that is
   * used; the one of before is void from then on.
   */
  raise(stepUp: StepUp, secretHash: string, origin: Origin): Promise<{ readonly outcome: Raised["outcome"] }>;
  /** Ends the session of this secret, if there is one. */
  close(secretHash: string, origin: Origin): Promise<void>;

  /** The live sessions of a user that the store does not know of. */
  list(userId: string): Promise<readonly SessionEntry[]>;
  /**
   * Runs changes of one user's sessions one after the other where this process keeps some of them;
   * the database sees to its own.
   */
  readonly inTurn: InTurn;
  /** This session as the one that asks for a change: the database is asked whether it lives, or this process. */
  asking(current: CurrentSession): AskingSession;
  /**
   * Puts a successor under the account's present password in the place of one of them. Undefined
   * where there is none.
   */
  succeed(
    predecessor: { readonly userId: string; readonly sid: string; readonly passwordVersion: number },
    secretHash: string,
    origin: Origin,
  ): Promise<SessionGrant | undefined>;
  /** Ends all of them but `keepSid`, at once; the trail has heard of it when it resolves. */
  endOthers(userId: string, keepSid: string | null, reason: EndReason, origin: Origin): Promise<void>;
  /** Ends one of them, at once; whether there was such a session. */
  end(userId: string, sid: string, reason: EndReason, origin: Origin): Promise<boolean>;
}
