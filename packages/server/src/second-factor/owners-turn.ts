// A change of factors that their owner asks for, in the turn of their session.
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import type { CurrentSession } from "../sessions/session.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { Owner } from "./store.ts";

/** @throws ServiceError `logged_out` where the session is over */
export type OwnersTurn = <T>(
  by: CurrentSession,
  origin: Origin,
  work: (owner: Owner) => Promise<T | { readonly outcome: "logged_out" }>,
) => Promise<T>;

export function createOwnersTurn(sessionStore: Pick<SessionStore, "inTurn" | "asking">): OwnersTurn {
  return <T>(
    current: CurrentSession,
    origin: Origin,
    work: (owner: Owner) => Promise<T | { readonly outcome: "logged_out" }>,
  ) =>
    sessionStore.inTurn(current.userId, async () => {
      const { userId } = current;
      const result = await work({ userId, asking: sessionStore.asking(current), origin });
      const isOver =
        typeof result === "object" &&
        result !== null &&
        "outcome" in result &&
        result.outcome === "logged_out";
      if (isOver) throw new ServiceError("logged_out");
      return result as T;
    });
}
