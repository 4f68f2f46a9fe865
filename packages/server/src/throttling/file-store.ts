// The buckets of a SQLite database, as they outlive its process.
import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import type { Bucket, BucketFile } from "./memory-buckets.ts";

/** Rows in one statement, for which everybody else waits. */
const rowsAtOnce = 200;

const table = sql.table("throttles");

export function createBucketFile({ db }: Pick<Database, "db">): BucketFile {
  return {
    async load() {
      const rows = await db.selectFrom("throttles").selectAll().execute();
      return new Map(
        rows.map((row) => [
          row.key,
          { emptyAtMs: row.empty_at, inARow: row.in_a_row, isTold: row.told === 1 },
        ]),
      );
    },

    async save(changes) {
      const entries = [...changes];
      for (let start = 0; start < entries.length; start += rowsAtOnce) {
        // So that requests come in between.
        if (start > 0) await setImmediate();
        const page = entries.slice(start, start + rowsAtOnce);
        const kept = page.flatMap(([key, bucket]) => (bucket === undefined ? [] : [rowOf(key, bucket)]));
        const gone = page.flatMap(([key, bucket]) => (bucket === undefined ? [key] : []));
        await db.transaction().execute(async (trx) => {
          // One value for all rows: a text of SQL with one for each takes longer to make than to run.
          if (kept.length > 0)
            await sql`
              insert into ${table} (key, empty_at, in_a_row, told)
              select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(${JSON.stringify(kept)}) where true
              on conflict (key) do update set
                empty_at = excluded.empty_at, in_a_row = excluded.in_a_row, told = excluded.told
            `.execute(trx);
          if (gone.length > 0)
            await sql`delete from ${table} where key in (select value from json_each(${JSON.stringify(gone)}))`.execute(
              trx,
            );
        });
      }
    },
  };
}

/** As the statement takes it. */
function rowOf(key: string, { emptyAtMs, inARow, isTold }: Bucket): readonly (string | number)[] {
  return [key, Math.round(emptyAtMs), inARow, isTold ? 1 : 0];
}
