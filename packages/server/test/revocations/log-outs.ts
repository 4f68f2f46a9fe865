// Entries of the revocation log, written as rows: what thousands of log-outs leave, without a session for each.
import type { FastifyInstance } from "fastify";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import type { Tables } from "../../src/database/tables.ts";
import { newId } from "../../src/randomness.ts";

const rowsPerInsert = 500;

/** Appends entries that live for ten minutes, behind the back of the instance. Returns the sessions' ids. */
export async function addLogOuts(app: FastifyInstance, count: number): Promise<string[]> {
  const db = app.auth.database as unknown as Kysely<Tables>;
  const expiresAt = Math.floor(Date.now() / 1000) + 600;
  const { revocation_seq: end } = await db
    .selectFrom("journal")
    .select("revocation_seq")
    .executeTakeFirstOrThrow();
  const rows = Array.from({ length: count }, (_, index) => ({
    seq: end + index + 1,
    sid: newId(),
    kid: null,
    tokens_before: expiresAt,
    expires_at: expiresAt,
  }));
  await db.transaction().execute(async (trx) => {
    for (let start = 0; start < count; start += rowsPerInsert) {
      await trx
        .insertInto("revocations")
        .values(rows.slice(start, start + rowsPerInsert))
        .execute();
    }
    await trx
      .updateTable("journal")
      .set({ revocation_seq: end + count })
      .execute();
  });
  return rows.map(({ sid }) => sid);
}

/** The same, once the instance has heard of them. */
export async function addKnownLogOuts(app: FastifyInstance, count: number): Promise<string[]> {
  const endOf = async (): Promise<number> => {
    const { headers } = await app.inject({ url: "/revocations", headers: { "if-none-match": "*" } });
    return Number(/\.(\d+)"$/.exec(String(headers.etag))?.[1]);
  };
  const end = (await endOf()) + count;
  const sids = await addLogOuts(app, count);
  while ((await endOf()) < end) await sleep(10);
  return sids;
}
