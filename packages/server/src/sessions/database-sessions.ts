// The session store in the database.

import type { StoredSessions } from "./store.ts";
import type { SessionStore } from "./session-store.ts";

/** Keeps sessions in the database: they outlive restarts and are shared by all instances. */
export function createDatabaseSessions(
  sessions: Pick<StoredSessions, "open" | "useCookie" | "endCookie" | "raise">,
): SessionStore {
  return {
    async open(hashes, session, origin) {
      const opened = await sessions.open({ ...session, carrier: { kind: "cookie", ...hashes } }, origin);
      return opened.outcome === "opened" ? opened.grant : undefined;
    },
    use: (secretHash) => sessions.useCookie(secretHash),
    raise: (stepUp, secretHash, origin) => sessions.raise(stepUp, { kind: "cookie", secretHash }, origin),
    async close(secretHash, origin) {
      await sessions.endCookie(secretHash, origin);
    },
    // The store's own verbs list and end these sessions, in the transaction of whatever ends them.
    list: async () => [],
    inTurn: (_userId, work) => work(),
    asking: ({ sid, issuedAt, amr }) => ({ sid, issuedAt, amr }),
    succeed: async () => undefined,
    endOthers: async () => {},
    end: async () => false,
  };
}
