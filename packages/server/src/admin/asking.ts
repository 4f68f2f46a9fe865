// What an administrator must be allowed for a change, to be judged when it is made.
import type { AskingAccount } from "../sessions/asking.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { Permission } from "../settings/permissions.ts";
import type { Actor } from "./actor.ts";
import type { Permissions } from "./permissions.ts";

/** Undefined for whoever runs the server. `granted`: roles that somebody is to have afterwards. */
export type AskingOf = (
  actor: Actor,
  needed: readonly Permission[],
  granted?: readonly string[],
) => AskingAccount | undefined;

export function createAskingOf(
  permissions: Pick<Permissions, "allow" | "cover">,
  sessionStore: Pick<SessionStore, "asking">,
): AskingOf {
  return (actor, needed, granted = []) => {
    if ("operator" in actor) return undefined;
    return {
      userId: actor.userId,
      session: sessionStore.asking(actor),
      may: (own, theirs = []) =>
        needed.every((permission) => permissions.allow(own, permission)) &&
        permissions.cover(own, theirs) &&
        permissions.cover(own, granted),
    };
  };
}
