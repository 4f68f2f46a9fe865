// What is true of the installation as a whole: the sealed canary by which its master key is known
// again.

import type { Database } from "../database/database.ts";

export interface InstallationStore {
  /** `undefined` before the first start has placed one. */
  readCanary(): Promise<Uint8Array | undefined>;
  /**
   * Keeps `canary` if there is none yet, and returns the one that is kept: of many at once, one
   * wins.
   */
  placeCanary(canary: Uint8Array): Promise<Uint8Array>;
  /** Puts another one in its place. */
  replaceCanary(canary: Uint8Array): Promise<void>;
}

export function createInstallationStore({ db }: Database): InstallationStore {
  async function readCanary(): Promise<Uint8Array | undefined> {
    const row = await db.selectFrom("instance").select("canary").executeTakeFirst();
    return row?.canary;
  }

  return {
    readCanary,
    async placeCanary(canary) {
      await db
        .insertInto("instance")
        .values({ id: 1, canary })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return (await readCanary()) ?? canary;
    },
    async replaceCanary(canary) {
      await db.updateTable("instance").set({ canary }).execute();
    },
  };
}
