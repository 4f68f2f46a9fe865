// A session's successor: the same login under another id, so that whatever was held before is dead.
import { sql } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import { newId, type RandomBytes } from "../randomness.ts";
import { globalTokensBefore, grantColumns, grantOf, newSessionColumns } from "./rows.ts";
import type { SessionGrant, SessionLimits } from "./session.ts";

/** How the successor is carried; as its predecessor was. */
export type SuccessorCarrier =
  | { readonly kind: "token" }
  | { readonly kind: "cookie"; readonly secretHash: string };

/**
 * Opens the successor of session `sid`, which the caller ends in the same change. It has the login,
 * the factors and the device of its predecessor and reaches the absolute limit when that one would
 * have: only what is held of it is new. Undefined where there is no such session of this kind.
 */
export async function openSuccessor(
  {
    database,
    limits,
    randomBytes,
  }: {
    readonly database: Database;
    readonly limits: SessionLimits;
    readonly randomBytes: RandomBytes;
  },
  change: Change,
  { sid: predecessor, carrier }: { readonly sid: string; readonly carrier: SuccessorCarrier },
  origin: Origin,
): Promise<SessionGrant | undefined> {
  const sid = newId(randomBytes);
  const secretHash = carrier.kind === "cookie" ? carrier.secretHash : null;
  const row = await change.db
    .insertInto("sessions")
    .columns(newSessionColumns)
    .expression((on) =>
      on
        .selectFrom("sessions")
        .select([
          sql<string>`${sid}`.as("new_sid"),
          "user_id",
          "kind",
          sql<string | null>`cast(${secretHash} as text)`.as("new_secret_hash"),
          sql<number>`0`.as("first"),
          sql<null>`cast(null as integer)`.as("none"),
          database.now().as("now"),
          sql<number>`0`.as("never"),
          "roles",
          "authenticated_at",
          "proved_at",
          "amr",
          "client_id",
          "device",
        ])
        .where("sid", "=", predecessor)
        .where("kind", "=", carrier.kind),
    )
    .returning(grantColumns)
    .returning(globalTokensBefore)
    .returning("sessions.renewed_at as now")
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const grant = grantOf(row, limits);
  const { userId, amr } = grant;
  const detail = { kind: carrier.kind, amr, replaces: predecessor };
  change.record({ event: "session_opened", userId, sid, ...origin, detail });
  return grant;
}
