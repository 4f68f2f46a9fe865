// "This was not me": what the owner of an account says of a login that a mail has told them of.
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import type { ShowCode } from "../one-time-codes/show.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { DisownedStore } from "./disowned-store.ts";

/** @throws ServiceError `code_invalid`, `too_many_attempts` */
export type DisownLogin = (token: string, origin: Origin) => Promise<void>;

export interface DisowningOptions {
  readonly store: DisownedStore;
  readonly showCode: ShowCode;
  /** Told of it, for the sessions that the database does not know of. */
  readonly sessionStore: Pick<SessionStore, "inTurn" | "list" | "end" | "endOthers">;
}

export function createDisownLogin({ store, showCode, sessionStore }: DisowningOptions): DisownLogin {
  return async (token, origin) => {
    const { found: code } = await showCode({ token }, ["disown_session"], origin);
    const { userId, subject } = code;
    await sessionStore.inTurn(userId, async () => {
      const kept = (await sessionStore.list(userId)).find(({ sid }) => sid === subject);
      const { outcome } = await store.disown(code, kept !== undefined, origin);
      if (outcome === "over") throw new ServiceError("code_invalid");
      if (outcome === "all_ended") await sessionStore.endOthers(userId, null, "disowned", origin);
      else if (kept !== undefined) await sessionStore.end(userId, kept.sid, "disowned", origin);
    });
  };
}
