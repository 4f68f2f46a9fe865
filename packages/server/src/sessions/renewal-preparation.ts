// Before a renewal, where something must be made of the session first: for whom, and of which of its levels.

import type { Database } from "../database/database.ts";
import type { SessionsTable } from "../database/tables.ts";
import { isLive } from "./rows.ts";
import type { SessionLimits } from "./session.ts";

/** A refresh token whose MAC has been checked: this session, this generation. */
export interface Presented {
  readonly sid: string;
  readonly generation: number;
}

/** What is known before a renewal, for what must be made of it first. */
export interface Prepared extends Expected {
  /** Undefined where the session lives no more, or the token is none that it takes: nothing is to be made. */
  readonly session:
    | { readonly userId: string; readonly clientId: string; readonly amr: readonly string[] }
    | undefined;
}

/**
 * What was made before holds for this alone: nothing is renewed unless the session's tokens are dated as they were
 * then, and of the level that they would have had. Null: nothing was made.
 */
export interface Expected {
  /** From when on the renewal is too late; counted from when it was first prepared. */
  readonly deadlineMs: number;
  readonly tokensBefore: number | null;
  /** As the row has it. */
  readonly amr: string | null;
}

/** `deadlineMs` is that of an earlier try. */
export type PrepareRenewal = (presented: Presented, deadlineMs?: number) => Promise<Prepared>;

export function createPreparation(database: Database, limits: SessionLimits): PrepareRenewal {
  const { db, stallGuard } = database;

  return async function prepare({ sid, generation }, deadlineMs = stallGuard.deadline()) {
    const row = await db
      .selectFrom("sessions")
      .select(["user_id", "client_id", "amr", "tokens_before", "current", "pending", "pending_amr"])
      .where("sid", "=", sid)
      .where("kind", "=", "token")
      .where((on) =>
        on.or([
          on("current", "=", generation),
          on("previous", "=", generation),
          on.and([on("current", "<", generation), on("pending", ">=", generation)]),
        ]),
      )
      .where((on) => isLive(database, limits, on))
      .executeTakeFirst();
    const amr = row && levelOf(row, generation);
    const session = row && {
      userId: row.user_id,
      clientId: row.client_id,
      amr: JSON.parse(amr ?? "[]") as string[],
    };
    return { session, deadlineMs, tokensBefore: row?.tokens_before ?? null, amr: amr ?? null };
  };
}

/** What the session's tokens say once this generation was taken. A given-up one is not above the current one. */
export function levelOf(
  row: Pick<SessionsTable, "amr" | "current" | "pending" | "pending_amr">,
  generation: number,
): string {
  return generation > row.current && generation === row.pending ? (row.pending_amr ?? row.amr) : row.amr;
}

/** Whether a step-up gave this generation out: the last one, or one before it that is not given up. */
export function isOfStepUp(
  { current, pending }: Pick<SessionsTable, "current" | "pending">,
  generation: number,
): boolean {
  return generation > current && generation <= (pending ?? 0);
}
