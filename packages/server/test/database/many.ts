// Many accounts, as a service has them after some years: rows of the usual size, ids and times that are spread, and an
// audit trail that proves itself. Written by SQL, as no service could in the time of a test.
import { type Kysely, sql } from "kysely";
import { chainHash } from "../../src/database/audit-event.ts";
import type { Store } from "./store.ts";

export interface Amounts {
  readonly accounts: number;
  readonly sessionsPerAccount: number;
  readonly auditRows: number;
}

const rowsPerInsert = 10_000;
/** Argon2id as ours: its length is what counts. */
const passwordHash = `$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$${"h".repeat(43)}`;
const device = JSON.stringify({
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  address: "192.0.2.17",
});
const weekMs = 7 * 86_400_000;

export const emailOf = (index: number): string => `person-${index}@example.test`;

/** `nowMs`: of the database's clock. Sessions and accounts are up to a week old, so all of them live. */
export async function fillWithMany(
  db: Kysely<unknown>,
  dialect: Store["dialect"],
  amounts: Amounts,
  nowMs: number,
): Promise<void> {
  const { rows: cache } =
    dialect === "sqlite" ? await sql<{ cache_size: number }>`pragma cache_size`.execute(db) : { rows: [] };
  if (dialect === "sqlite") {
    await sql`pragma cache_size = -1000000`.execute(db);
    await sql`pragma synchronous = off`.execute(db);
  }
  // As it would be after a restore: what refers to nothing is not here.
  else await sql`set session_replication_role = replica`.execute(db);
  await fillAccounts(db, dialect, amounts, nowMs);
  await fillTrail(db, dialect, amounts, nowMs);
  if (dialect === "sqlite") {
    await sql`pragma cache_size = ${sql.lit(cache[0]?.cache_size ?? 0)}`.execute(db);
    await sql`pragma synchronous = full`.execute(db);
    await sql`analyze`.execute(db);
    await sql`pragma wal_checkpoint(truncate)`.execute(db);
  } else {
    await sql`set session_replication_role = origin`.execute(db);
    await sql`vacuum analyze users, sessions, audit`.execute(db);
    await sql`checkpoint`.execute(db);
  }
}

async function fillAccounts(
  db: Kysely<unknown>,
  dialect: Store["dialect"],
  { accounts, sessionsPerAccount }: Amounts,
  nowMs: number,
): Promise<void> {
  const isSqlite = dialect === "sqlite";
  const numbers = (count: number) =>
    isSqlite
      ? sql`(with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${sql.lit(count)}) select n from numbers) as numbers`
      : sql`generate_series(1, ${sql.lit(count)}) as numbers (n)`;
  const id = isSqlite ? sql`lower(hex(randomblob(11)))` : sql`substr(md5(random()::text), 1, 22)`;
  // Rows lie in the order in which they came.
  const at = sql`${sql.lit(nowMs - weekMs)} + n * ${sql.lit(Math.floor(weekMs / accounts))}`;
  await sql`
    insert into users (id, email, email_key, password_hash, password_version, roles, status, created_at, updated_at)
    select ${id}, 'person-' || n || '@example.test', 'person-' || n || '@example.test', ${sql.lit(passwordHash)},
      1, '["user"]', 'active', ${at}, ${at}
    from ${numbers(accounts)}
  `.execute(db);
  for (let each = 0; each < sessionsPerAccount; each += 1)
    await sql`
      insert into sessions (sid, user_id, kind, current, previous, renewed_at, tokens_before, roles, authenticated_at, amr, client_id, device)
      select ${id}, id, 'token', 3, 2, created_at, 0, '["user"]', created_at, '["pwd"]', 'first-party', ${sql.lit(device)}
      from users
    `.execute(db);
}

/** Rows of the kinds that there are most of, about accounts that exist, chained as the sequencer does it. */
async function fillTrail(
  db: Kysely<unknown>,
  dialect: Store["dialect"],
  { accounts, auditRows }: Amounts,
  nowMs: number,
): Promise<void> {
  const { rows: users } = await sql<{ id: string }>`select id from users`.execute(db);
  const read =
    dialect === "sqlite"
      ? (
          json: string,
        ) => sql`select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
          value ->> 6, value ->> 7 from json_each(${json})`
      : (
          json: string,
        ) => sql`select (value ->> 0)::bigint, (value ->> 1)::bigint, value ->> 2, value ->> 3, value ->> 4,
          value ->> 5, value ->> 6, value ->> 7 from json_array_elements(${json}::json) as each (value)`;
  let hash = "";
  for (let start = 0; start < auditRows; start += rowsPerInsert) {
    const rows: unknown[] = [];
    for (let seq = start + 1; seq <= Math.min(start + rowsPerInsert, auditRows); seq += 1) {
      const isLogin = seq % 2 === 1;
      const row = {
        seq,
        at: nowMs - weekMs + Math.floor((seq / auditRows) * weekMs),
        event: isLogin ? "session_opened" : "session_ended",
        actor_id: null,
        user_id: users[(seq * 7919) % accounts]?.id ?? "",
        sid: `session-${String(seq).padStart(14, "0")}`,
        address: "192.0.2.17",
        detail: isLogin ? '{"kind":"token","amr":["pwd"]}' : '{"reason":"logout"}',
      };
      hash = chainHash(hash, row);
      rows.push([row.seq, row.at, row.event, row.user_id, row.sid, row.address, row.detail, hash]);
    }
    await sql`
      insert into audit (seq, at, event, user_id, sid, address, detail, hash) ${read(JSON.stringify(rows))}
    `.execute(db);
  }
  await sql`update journal set audit_seq = ${auditRows}, audit_hash = ${hash}`.execute(db);
}

/** What a row takes with its indexes. */
export async function bytesPerRow(
  db: Kysely<unknown>,
  dialect: Store["dialect"],
): Promise<Readonly<Record<"users" | "sessions" | "audit", number>>> {
  const bytesOf = async (table: string): Promise<number> => {
    const { rows } =
      dialect === "sqlite"
        ? await sql<{ bytes: number; count: number }>`
            select (select sum(pgsize) from dbstat where name in (select name from sqlite_master where tbl_name = ${table})) as bytes,
              (select count(*) from ${sql.table(table)}) as count`.execute(db)
        : await sql<{ bytes: number; count: number }>`
            select pg_total_relation_size(${table}::regclass) as bytes, (select count(*) from ${sql.table(table)}) as count`.execute(
            db,
          );
    return Math.round((rows[0]?.bytes ?? 0) / (rows[0]?.count ?? 1));
  };
  return {
    users: await bytesOf("users"),
    sessions: await bytesOf("sessions"),
    audit: await bytesOf("audit"),
  };
}
