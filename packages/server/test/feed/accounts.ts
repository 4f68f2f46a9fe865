// Accounts and sessions made straight in the store: a log-in costs a password hash, which is not what the feed's tests test.
import { randomBytes } from "node:crypto";
import type { SessionGrant } from "../../src/sessions/session.ts";
import type { Store } from "../database/store.ts";

export async function createUser(store: Store): Promise<string> {
  const email = `${randomBytes(6).toString("hex")}@example.com`;
  const created = await store.accounts.create({
    email,
    emailKey: email,
    name: null,
    passwordHash: "none",
    roles: ["user"],
  });
  if (created.outcome !== "created") throw new TypeError("The random address was taken");
  return created.account.id;
}

export async function openSession(store: Store, userId: string): Promise<SessionGrant> {
  const session = await store.sessions.open({
    userId,
    passwordVersion: 1,
    carrier: { kind: "token" },
    device: { userAgent: null, address: null },
    amr: ["pwd"],
    clientId: "first-party",
  });
  if (session.outcome !== "opened") throw new TypeError("The session was refused");
  return session.grant;
}

/** A session that was opened and ended: one entry in the feed. Returns its id. */
export async function endedSession(store: Store, userId: string): Promise<string> {
  const { sid } = await openSession(store, userId);
  await store.sessions.end({ sid }, "logout");
  return sid;
}
