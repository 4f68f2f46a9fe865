// Who asks for what administrators can do.
import type { Origin } from "../database/audit-event.ts";
import type { CurrentSession } from "../sessions/session.ts";

/** Somebody whose account allows it: by what it allows when the change is made. */
export interface AccountActor extends CurrentSession {
  readonly address: string | null;
}

/** Whoever runs the server, from its command line: may do everything. */
export interface OperatorActor {
  readonly operator: string;
}

export type Actor = AccountActor | OperatorActor;

/** As the audit trail keeps it. */
export function originOfActor(actor: Actor): Origin {
  return "operator" in actor
    ? { actorId: actor.operator }
    : { actorId: actor.userId, address: actor.address };
}
