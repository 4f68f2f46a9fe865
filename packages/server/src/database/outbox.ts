// The outbox (PostgreSQL, the table `unnumbered`): what a transaction tells the trail and the feed, left there without a lock and without a
// number. The sealer numbers it once it is committed.

import { sql, type Kysely, type RawBuilder } from "kysely";
import type { AuditEvent } from "./audit-event.ts";
import type { Dialect } from "./migration.ts";
import { type Build, type GivenValues, prebuiltForRows } from "./prebuilt.ts";
import type { RevocationEntry } from "./revocation-entry.ts";
import { type Collected, type Unnumbered, unnumberedEvent } from "./sequencer.ts";
import type { StallGuard } from "./stall-guard.ts";
import type { Tables } from "./tables.ts";

export interface OutboxOptions {
  readonly db: Kysely<Tables>;
  readonly build: Build;
  readonly now: () => RawBuilder<number>;
  readonly stallGuard: StallGuard;
}

export interface Outbox {
  /**
   * The last statement of a transaction. Its rows draw their ids here, so whoever begins after this
   * one was acknowledged draws higher ones.
   *
   * @throws StoreError `unavailable` past the deadline, which undoes the transaction
   */
  leave(trx: Kysely<Tables>, collected: Collected): Promise<void>;
  /**
   * Takes the oldest committed rows out of the outbox, as far as this statement can see, in the order
   * of their ids. Nobody else gets the same ones, unless the transaction is undone.
   *
   * What began after another's acknowledgement is never taken before it: whoever sees the later one
   * sees the earlier one, too, and its id is lower.
   */
  take(trx: Kysely<Tables>, limit: number): Promise<Unnumbered>;
}

/** An event of the trail or an entry of the feed, as JSON. */
interface Content extends GivenValues {
  readonly audit: string | null;
  readonly revocation: string | null;
}

export function createOutbox({ db, build, now, stallGuard }: OutboxOptions): Outbox {
  const insert = prebuiltForRows(build, (contents: readonly Content[]) =>
    db
      .insertInto("unnumbered")
      .values(contents.map(({ audit, revocation }) => ({ audit, revocation, at: now() })))
      .returning("at"),
  );
  const remove = build(({ limit }: { readonly limit: number }) =>
    db
      .deleteFrom("unnumbered")
      .where("id", "in", (from) => from.selectFrom("unnumbered").select("id").orderBy("id").limit(limit))
      .returning(["id", "at", "audit", "revocation"]),
  );

  return {
    async leave(trx, { events, entries, deadlineMs }) {
      const left = await insert(trx, [
        ...events.map((event) => ({ audit: JSON.stringify(event), revocation: null })),
        ...entries.map((entry) => ({ audit: null, revocation: JSON.stringify(entry) })),
      ]);
      for (const { at } of left) stallGuard.check(deadlineMs, at);
    },

    async take(trx, limit) {
      const rows = await remove(trx, { limit });
      const events: Unnumbered["events"][number][] = [];
      const entries: RevocationEntry[] = [];
      for (const row of rows.toSorted((one, other) => one.id - other.id)) {
        if (row.audit !== null) events.push(unnumberedEvent(JSON.parse(row.audit) as AuditEvent, row.at));
        if (row.revocation !== null) entries.push(JSON.parse(row.revocation) as RevocationEntry);
      }
      return { events, entries };
    },
  };
}

/** For how many milliseconds the oldest row has waited for its number, as a column; null where none waits. */
export function waitedMs(dialect: Dialect, now: () => RawBuilder<number>): RawBuilder<number | null> {
  if (dialect === "sqlite") return sql<null>`null`;
  const { id, at } = { id: sql.ref("unnumbered.id"), at: sql.ref("unnumbered.at") };
  return sql<number>`(select greatest(0, ${now()} - ${at}) from ${sql.table("unnumbered")} order by ${id} limit 1)`;
}

/** How many events of the trail have no number yet. */
export async function countWaitingEvents(db: Kysely<Tables>, dialect: Dialect): Promise<number> {
  if (dialect === "sqlite") return 0;
  const { count } = await db
    .selectFrom("unnumbered")
    .select((on) => on.fn.count<number>("id").as("count"))
    .where("audit", "is not", null)
    .executeTakeFirstOrThrow();
  return count;
}
