/**
 * The only file of this bench that reaches into the server: accounts to log in to, and the verb that opens a session once
 * a password is known to be right. Whatever numbers or seals afterwards what the verb leaves has to run here, too.
 */
import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { followRevocations } from "../../packages/server/src/revocations/follower.ts";
import { openStore } from "../../packages/server/test/database/store.ts";

export interface OpeningsStore {
  /** Opens a session for that account. @throws TypeError if it is refused */
  open(userId: string): Promise<void>;
  /** One plain insert of a session's row into a table that nothing else knows of, over the same connections. */
  insert(userId: string): Promise<void>;
}

/** Longer than any queue here: a bench waits for what a server would refuse. */
const statementTimeoutMs = 60_000;

export async function openOpeningsStore(url: string): Promise<OpeningsStore> {
  const store = await openStore({ url, statementTimeoutMs });
  // As every server does: it numbers what openings leave for the trail.
  await followRevocations({ log: store.revocations, database: store });
  return {
    async open(userId) {
      const session = {
        userId,
        passwordVersion: 1,
        carrier: { kind: "token" },
        device: { userAgent: null, address: "192.0.2.1" },
        amr: ["pwd"],
        clientId: "first-party",
      } as const;
      const { outcome } = await store.sessions.open(session, { address: "192.0.2.1" });
      if (outcome !== "opened") throw new TypeError(`${userId}: ${outcome}`);
    },
    async insert(userId) {
      const now = Date.now();
      await sql`
        insert into plain_openings
          (sid, user_id, kind, current, renewed_at, tokens_before, roles, authenticated_at, amr, client_id, device)
        values
          (${randomBytes(16).toString("base64url")}, ${userId}, 'token', 0, ${now}, 0, '["user"]', ${now}, '["pwd"]',
           'first-party', '{"userAgent":null,"address":"192.0.2.1"}')`.execute(store.db);
    },
  };
}

/** Brings an empty database to where a server has it: accounts, and beside them the table for plain inserts. Answers the accounts' ids. */
export async function prepareDatabase(url: string, accounts: number): Promise<string[]> {
  const store = await openStore({ url, statementTimeoutMs });
  try {
    const ids: string[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < accounts; index = next++) {
        const email = `person-${index}@example.com`;
        // Nobody logs in with a password here.
        const account = { email, emailKey: email, name: null, passwordHash: "", roles: ["user"] };
        const created = await store.accounts.create(account);
        if (created.outcome === "created") ids.push(created.account.id);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    await sql`create table plain_openings (like sessions including defaults including indexes)`.execute(
      store.db,
    );
    return ids;
  } finally {
    await store.close();
  }
}
