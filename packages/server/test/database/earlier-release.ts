// How the release before the outbox wrote to the trail and the feed on PostgreSQL: it locked the row of the sequencer and
// numbered within its transaction. Its instances run beside those of this release during an upgrade.
import { chainHash } from "../../src/database/audit-event.ts";
import type { Database } from "../../src/database/database.ts";

/** One event and, if asked, one revoked key, both named so that they are found again. */
export async function recordAsBefore({ db, now }: Database, name: string, revokes: boolean): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const heads = await trx
      .selectFrom("journal")
      .select(["audit_seq", "audit_hash", "revocation_seq", now().as("now")])
      .forUpdate()
      .executeTakeFirstOrThrow();
    const row = {
      seq: heads.audit_seq + 1,
      at: heads.now,
      event: "login_failed",
      actor_id: null,
      user_id: null,
      sid: null,
      address: null,
      detail: JSON.stringify({ name }),
    };
    const hash = chainHash(heads.audit_hash, row);
    await trx
      .insertInto("audit")
      .values({ ...row, hash })
      .execute();
    const seq = heads.revocation_seq + 1;
    if (revokes) {
      const entry = { seq, sid: null, kid: name, tokens_before: null, expires_at: null };
      await trx.insertInto("revocations").values(entry).execute();
    }
    await trx
      .updateTable("journal")
      .set({ audit_seq: row.seq, audit_hash: hash, ...(revokes && { revocation_seq: seq }) })
      .execute();
  });
}
