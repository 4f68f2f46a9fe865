// After a restore: nothing that was given out before may open anything, and what the copy may have brought back is counted.
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import { greatest } from "../database/greatest.ts";
import type { Tables } from "../database/tables.ts";
import { stepAt } from "../second-factor/totp.ts";
import { ending } from "../sessions/ending.ts";

export interface RestoredOptions {
  readonly keepSessions: boolean;
  readonly revokedKeys: number;
  readonly origin: Origin;
}

/** What was made void, and what came back with the copy. */
export interface Restored {
  readonly endedSessions: number;
  readonly voidedCodes: number;
  readonly droppedMail: number;
  readonly accounts: number;
  readonly disabledAccounts: number;
  readonly passwords: number;
  readonly authenticatorApps: number;
  readonly accountsWithRecoveryCodes: number;
  readonly passkeys: number;
}

export interface RestoredStore {
  /** When the last event of the trail was written. */
  lastEventAtMs(): Promise<number | undefined>;
  /** One transaction; whoever does it twice does no harm. */
  refuseWhatWasGivenOut(options: RestoredOptions): Promise<Restored>;
}

/** Maintenance of a whole database, which no request waits for. */
const noDeadline = Number.MAX_SAFE_INTEGER;

export function createRestoredStore(database: Database): RestoredStore {
  const { now } = database;

  return {
    async lastEventAtMs() {
      const query = database.db.selectFrom("audit").select("at").orderBy("seq", "desc").limit(1);
      return (await query.executeTakeFirst())?.at;
    },

    refuseWhatWasGivenOut: ({ keepSessions, revokedKeys, origin }) =>
      database.change(async ({ db, record }) => {
        const endedSessions = keepSessions
          ? 0
          : await changed(
              db
                .updateTable("sessions")
                .set(ending(database, "revoked"))
                .where("ended_at", "is", null)
                .executeTakeFirst(),
            );
        // Challenges, links, device tokens and sessions in a server's memory hold these numbers. The clock gives ones that
        // the history which is lost cannot have reached.
        const newest = (column: string) =>
          greatest(database, sql`${sql.ref(column)} + 1`, sql`${now()} / 1000`);
        await db
          .updateTable("users")
          .set({ password_version: newest("password_version"), device_epoch: newest("device_epoch") })
          .execute();
        const codes = await changed(db.deleteFrom("one_time_codes").executeTakeFirst());
        const links = await changed(db.deleteFrom("setup_tokens").executeTakeFirst());
        const droppedMail = await changed(db.deleteFrom("outbox").executeTakeFirst());
        // An authenticator's code that was used after the copy was made is not taken again.
        const step = stepAt(await timeOf(db, now)) + 1;
        await db.updateTable("totp").set({ last_step: step }).where("last_step", "<", step).execute();
        const voidedCodes = codes + links;
        record({
          event: "restored",
          ...origin,
          detail: {
            endedSessions,
            kept_sessions: keepSessions,
            voided_codes: voidedCodes,
            dropped_mail: droppedMail,
            revoked_keys: revokedKeys,
          },
        });
        return {
          endedSessions,
          voidedCodes,
          droppedMail,
          ...(await cameBack(db)),
        };
      }, noDeadline),
  };
}

type CameBack = Omit<Restored, "endedSessions" | "voidedCodes" | "droppedMail">;

async function cameBack(db: Kysely<Tables>): Promise<CameBack> {
  const { fn } = db;
  const users = await db
    .selectFrom("users")
    .select([
      fn.countAll<number | string>().as("accounts"),
      fn.count<number | string>(sql`case when status = 'disabled' then 1 end`).as("disabled"),
      fn.count<number | string>(sql`case when password_hash <> '' then 1 end`).as("passwords"),
    ])
    .executeTakeFirstOrThrow();
  const apps = await db
    .selectFrom("totp")
    .select(fn.count<number | string>("confirmed_at").as("count"))
    .executeTakeFirstOrThrow();
  const codes = await db
    .selectFrom("recovery_codes")
    .select(fn.count<number | string>("user_id").distinct().as("count"))
    .executeTakeFirstOrThrow();
  const passkeys = await db
    .selectFrom("passkeys")
    .select(fn.countAll<number | string>().as("count"))
    .executeTakeFirstOrThrow();
  return {
    accounts: Number(users.accounts),
    disabledAccounts: Number(users.disabled),
    passwords: Number(users.passwords),
    authenticatorApps: Number(apps.count),
    accountsWithRecoveryCodes: Number(codes.count),
    passkeys: Number(passkeys.count),
  };
}

async function timeOf(db: Kysely<Tables>, now: Database["now"]): Promise<number> {
  const { at } = await db.selectFrom("journal").select(now().as("at")).executeTakeFirstOrThrow();
  return at;
}

async function changed(
  result: Promise<{ readonly numUpdatedRows?: bigint; readonly numDeletedRows?: bigint }>,
): Promise<number> {
  const { numUpdatedRows, numDeletedRows } = await result;
  return Number(numUpdatedRows ?? numDeletedRows ?? 0n);
}
