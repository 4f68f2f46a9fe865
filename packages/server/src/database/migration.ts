// One step of the schema, and the two kinds of SQL that it is written for.

import type { Kysely } from "kysely";

export type Dialect = "sqlite" | "postgres";

/**
 * One step of the schema. Its name is remembered in the database and never changes once released.
 */
export interface Migration {
  readonly name: string;
  up(db: Kysely<unknown>, dialect: Dialect): Promise<void>;
}
