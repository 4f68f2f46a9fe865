// Which history the database is in. PostgreSQL begins a new timeline when a standby is promoted, which may lack what the old
// primary had told; and a cluster with another system identifier is a copy of unknown age.

import { type Kysely, type RawBuilder, sql } from "kysely";
import { newEpoch } from "../randomness.ts";
import { StoreError } from "./errors.ts";
import { clusterNow, replacedPrimary, type ServerHistory, timelineNow } from "./dialects/postgres-bounds.ts";
import type { Dialect } from "./migration.ts";
import type { Tables } from "./tables.ts";

export interface History {
  /** A column for a look-up of the journal: whether the server that answers it is in another history than is written there. */
  readonly hasMoved: RawBuilder<boolean | number>;
  /**
   * Draws a new epoch where the server is on a later timeline than is written: of many at once, one does.
   *
   * @throws StoreError `unknown_history` in another cluster, `unavailable` on an earlier timeline
   */
  follow(): Promise<void>;
  /** What to set of the journal to declare that this is its history now. */
  readonly accepted: Partial<Record<"system_identifier" | "timeline", RawBuilder<never>>>;
}

const identifier = sql.raw(clusterNow);
const timeline = sql.raw(timelineNow);

const unknown: History = { hasMoved: sql`0`, follow: async () => {}, accepted: {} };

/** Knows nothing, and finds nothing, on SQLite and where PostgreSQL lets us ask for nothing of it. */
export async function readHistory(
  db: Kysely<Tables>,
  dialect: Dialect,
  expectHistory: (history: ServerHistory) => void = () => undefined,
): Promise<History> {
  if (dialect === "sqlite" || !(await isTold(db))) return unknown;
  const isRecorded = sql`system_identifier = ${identifier}`;
  return {
    hasMoved: sql`(journal.system_identifier is distinct from ${identifier} or journal.timeline is distinct from ${timeline})`,
    accepted: { system_identifier: sql`${identifier}`, timeline: sql`${timeline}` },

    async follow() {
      await sql`
        update ${sql.table("journal")} set system_identifier = ${identifier}, timeline = ${timeline}
        where system_identifier is null
      `.execute(db);
      await sql`
        update ${sql.table("journal")} set revocation_epoch = ${newEpoch()}, timeline = ${timeline}
        where ${isRecorded} and timeline < ${timeline}
      `.execute(db);
      const { rows } = await sql<ServerHistory & { is_recorded: boolean; is_newest: boolean }>`
        select ${isRecorded} as is_recorded, timeline = ${timeline} as is_newest, system_identifier as cluster, timeline
        from ${sql.table("journal")}
      `.execute(db);
      const [recorded] = rows;
      if (recorded?.is_recorded !== true) throw unknownHistory();
      expectHistory(recorded);
      if (!recorded.is_newest) throw replacedPrimary();
    },
  };
}

function unknownHistory(): StoreError {
  return new StoreError(
    "unknown_history",
    "This database was copied here from another PostgreSQL cluster (a restored dump, pg_upgrade), and does not know what " +
      "happened after that copy was made. Run: countersign restored (with --keep-sessions after pg_upgrade), then start again.",
  );
}

/** insufficient_privilege, undefined_function, feature_not_supported. */
const notTold = new Set(["42501", "42883", "0A000"]);

async function isTold(db: Kysely<Tables>): Promise<boolean> {
  try {
    await sql`select ${identifier}, ${timeline}`.execute(db);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && notTold.has(String(error.code))) return false;
    throw error;
  }
}
