// The largest of several numbers, for which each database has another name.
import { type RawBuilder, sql } from "kysely";
import type { Database } from "./database.ts";

export function greatest(
  { dialect }: Pick<Database, "dialect">,
  ...terms: readonly RawBuilder<unknown>[]
): RawBuilder<number> {
  return sql<number>`${sql.raw(dialect === "sqlite" ? "max" : "greatest")}(${sql.join(terms)})`;
}
