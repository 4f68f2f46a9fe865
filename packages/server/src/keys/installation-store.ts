// What is true of the installation as a whole: the sealed canary by which its master key is known again.

import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";

export class Installation {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** `undefined` before the first start has placed one. */
  async readCanary(): Promise<Uint8Array | undefined> {
    const row = await this.#db.selectFrom("instance").select("canary").executeTakeFirst();
    return row?.canary;
  }

  /** Keeps `canary` if there is none yet, and answers the one that stands: of many at once, one wins. */
  async placeCanary(canary: Uint8Array): Promise<Uint8Array> {
    await this.#db
      .insertInto("instance")
      .values({ id: 1, canary })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return (await this.readCanary()) ?? canary;
  }
}
