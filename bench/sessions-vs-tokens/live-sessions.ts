/** Many people who are logged in: accounts and sessions as log-ins leave them, written in bulk, all told by a seed. */
import { createHash, createHmac } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import { openStore, type Store } from "../../packages/server/test/database/store.ts";

/** How many of the sessions are in use; they lie evenly among the others. */
export const sessionsInUse = 20_000;

/** The person of that index, their session and its cookie: the same for whoever knows the seed. */
export interface LiveSession {
  readonly userId: string;
  readonly sid: string;
  readonly cookie: string;
}

export function liveSession(seed: string, index: number): LiveSession {
  const derive = (what: string, length: number): string =>
    createHmac("sha256", seed).update(`${what} ${index}`).digest("base64url").slice(0, length);
  return { userId: derive("user", 22), sid: derive("session", 22), cookie: derive("cookie", 43) };
}

/** What a cookie's session is found by. */
export function secretHashOf({ cookie }: LiveSession): string {
  return createHash("sha256").update(cookie).digest("base64url");
}

/** The sessions in use, in an order that has nothing to do with where they are kept. */
export function liveSessionsInUse(seed: string, sessions: number): LiveSession[] {
  const count = Math.min(sessions, sessionsInUse);
  const step = Math.floor(sessions / count);
  // 7,919 is prime, so that every one has its turn.
  return Array.from({ length: count }, (_, turn) => liveSession(seed, ((turn * 7919) % count) * step));
}

/** Writes so many accounts with one live cookie session each into an empty database. */
export async function fillDatabase(url: string, seed: string, sessions: number): Promise<void> {
  const store = await openStore({ url, statementTimeoutMs: 120_000 });
  const rowsPerStatement = 10_000;
  await store.db.transaction().execute(async (trx) => {
    for (let first = 0; first < sessions; first += rowsPerStatement) {
      const rows = Array.from({ length: Math.min(rowsPerStatement, sessions - first) }, (_, offset) => {
        const session = liveSession(seed, first + offset);
        return [session.userId, session.sid, secretHashOf(session)];
      });
      const json = JSON.stringify(rows);
      // oxlint-disable-next-line no-await-in-loop -- one transaction, one statement after the other
      await insertAccounts(store, json).execute(trx);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await insertSessions(store, json).execute(trx);
    }
  });
  // As a database is that has been running for days.
  if (store.dialect === "postgres") await sql`vacuum analyze`.execute(store.db);
  await store.close();
}

/** No password has it; it is as long as a real one. */
const passwordHash = `$argon2id$v=19$m=19456,t=2,p=1$${"A".repeat(22)}$${"A".repeat(43)}`;

function insertAccounts({ dialect, database }: Store, json: string): RawBuilder<unknown> {
  return sql`
    insert into users
      (id, email, email_key, name, password_hash, password_version, roles, status, created_at, updated_at)
    select value ->> 0, (value ->> 0) || '@example.com', (value ->> 0) || '@example.com', null,
      ${sql.lit(passwordHash)}, 1, '["user"]', 'active', ${database.now()}, ${database.now()}
    from ${elementsOf(json, dialect)}`;
}

function insertSessions({ dialect, database }: Store, json: string): RawBuilder<unknown> {
  return sql`
    insert into sessions
      (sid, user_id, kind, secret_hash, current, previous, renewed_at, tokens_before, roles, authenticated_at,
       amr, client_id, device)
    select value ->> 1, value ->> 0, 'cookie', value ->> 2, 0, null, ${database.now()}, 0, '["user"]',
      ${database.now()}, '["pwd"]', 'first-party', '{"userAgent":null,"address":"192.0.2.1"}'
    from ${elementsOf(json, dialect)}`;
}

/** The rows of a JSON array as a column `value`. */
function elementsOf(json: string, dialect: Store["dialect"]): RawBuilder<unknown> {
  return dialect === "sqlite" ? sql`json_each(${json})` : sql`json_array_elements(${json}::json)`;
}
