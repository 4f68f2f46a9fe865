// The database's clock: the one that decides.
import { type RawBuilder, sql } from "kysely";

/** Whole milliseconds since the epoch. */
export const nowMs: RawBuilder<number> = sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
/** Whole seconds since the epoch. */
export const nowSeconds: RawBuilder<number> = sql<number>`unixepoch()`;
