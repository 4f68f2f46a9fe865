// What countersign doctor asks of an installation, by whoever has the database open.
import Type from "typebox";
import { strict } from "../http/schema.ts";
import type { InstanceReport } from "../instances/report.ts";
import { isoTime } from "../iso-time.ts";
import { KeyError } from "../keys/error.ts";
import { createSigningKeyStore } from "../keys/store.ts";
import { type DatabaseFacts, readDatabaseFacts } from "./examination-store.ts";
import type { Operation } from "./operation.ts";

export interface Examination extends DatabaseFacts {
  /** Why the master key does not open this database; null: it does. */
  readonly master_key: string | null;
  readonly keys: readonly {
    readonly algorithm: string;
    readonly state: string;
    readonly activated_at: string | null;
  }[];
  readonly has_administrator: boolean;
  readonly instances: readonly InstanceReport[];
}

export const examine: Operation<Record<never, never>, Examination> = {
  name: "examine",
  input: Type.Object({}, strict),
  async run(installation) {
    const { database } = installation;
    const keys = await createSigningKeyStore(database).inUse();
    return {
      ...(await readDatabaseFacts(database, Date.now)),
      master_key: await masterKeyTrouble(installation.masterKey),
      keys: keys.keys.map(({ algorithm, state, activatedAtMs }) => ({
        algorithm,
        state,
        activated_at: activatedAtMs === undefined ? null : isoTime(activatedAtMs),
      })),
      has_administrator: await installation.hasAdministrator(),
      instances: await installation.instances(),
    };
  },
};

async function masterKeyTrouble(open: () => Promise<unknown>): Promise<string | null> {
  try {
    await open();
    return null;
  } catch (error) {
    if (error instanceof KeyError) return error.message;
    throw error;
  }
}
