// The buckets of a SQLite database, as they outlive its process.
import type { Database } from "../database/database.ts";
import type { Bucket, BucketFile } from "./memory-buckets.ts";

/** Rows in one statement: SQLite takes 32,766 parameters, and everybody else waits for it. */
const rowsAtOnce = 200;

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
        const page = entries.slice(start, start + rowsAtOnce);
        await db.transaction().execute(async (trx) => {
          const kept = page.flatMap(([key, bucket]) => (bucket === undefined ? [] : [rowOf(key, bucket)]));
          const gone = page.flatMap(([key, bucket]) => (bucket === undefined ? [key] : []));
          if (kept.length > 0)
            await trx
              .insertInto("throttles")
              .values(kept)
              .onConflict((conflict) =>
                conflict.column("key").doUpdateSet({
                  empty_at: (row) => row.ref("excluded.empty_at"),
                  in_a_row: (row) => row.ref("excluded.in_a_row"),
                  told: (row) => row.ref("excluded.told"),
                }),
              )
              .execute();
          if (gone.length > 0) await trx.deleteFrom("throttles").where("key", "in", gone).execute();
        });
      }
    },
  };
}

function rowOf(key: string, { emptyAtMs, inARow, isTold }: Bucket) {
  return {
    key,
    empty_at: Math.round(emptyAtMs),
    in_a_row: inARow,
    told: isTold ? (1 as const) : (0 as const),
  };
}
