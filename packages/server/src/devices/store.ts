// The epoch of an account's devices: all tokens of an earlier one are over.
import { type RawBuilder, sql } from "kysely";
import type { Change, Database } from "../database/database.ts";

export interface DeviceStore {
  /** The account with this normalised address. */
  find(addressKey: string): Promise<{ readonly userId: string; readonly deviceEpoch: number } | undefined>;
}

export function createDeviceStore({ db }: Pick<Database, "db">): DeviceStore {
  return {
    async find(addressKey) {
      const row = await db
        .selectFrom("users")
        .select(["id", "device_epoch"])
        .where("email_key", "=", addressKey)
        .executeTakeFirst();
      return row && { userId: row.id, deviceEpoch: row.device_epoch };
    },
  };
}

/** In the set of an update of `users`: none of the account's devices is known any more. */
export const forgetsDevices: { readonly device_epoch: RawBuilder<number> } = {
  device_epoch: sql<number>`device_epoch + 1`,
};

/** The same as a verb of its own, in the transaction of whatever ends the account's sessions. */
export async function forgetDevicesOf({ db }: Change, userId: string): Promise<void> {
  await db.updateTable("users").set(forgetsDevices).where("id", "=", userId).execute();
}
