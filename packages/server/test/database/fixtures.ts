// Accounts, sessions and a clock for store tests.
import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Account } from "../../src/accounts/account.ts";
import type { Cursor } from "../../src/revocations/cursor.ts";
import type { SessionGrant } from "../../src/sessions/session.ts";
import type { Store } from "./store.ts";

/** A clock that only moves when told to; milliseconds. */
export interface TestClock {
  readonly nowMs: () => number;
  advanceSeconds(seconds: number): void;
  advanceMs(ms: number): void;
}

export function createClock(startMs = 1_800_000_000_000): TestClock {
  let now = startMs;
  return {
    nowMs: () => now,
    advanceSeconds: (seconds) => void (now += seconds * 1000),
    advanceMs: (ms) => void (now += ms),
  };
}

export async function newAccount(store: Store, roles: readonly string[] = ["user"]): Promise<Account> {
  const email = `${randomBytes(6).toString("hex")}@example.test`;
  const made = await store.accounts.create({
    email,
    emailKey: email,
    name: null,
    passwordHash: "hash 1",
    roles,
  });
  expect(made.outcome).toBe("created");
  return (made as Extract<typeof made, { outcome: "created" }>).account;
}

export type Opened = Awaited<ReturnType<Store["sessions"]["open"]>>;

export function tryOpen(store: Store, userId: string, passwordVersion = 1): Promise<Opened> {
  return store.sessions.open({
    userId,
    passwordVersion,
    carrier: { kind: "token" },
    device: { userAgent: "a browser", address: "192.0.2.1" },
    amr: ["pwd"],
    clientId: "first-party",
  });
}

/** A token session; its first refresh token has generation 0. */
export async function openSession(store: Store, userId: string, passwordVersion = 1): Promise<SessionGrant> {
  const opened = await tryOpen(store, userId, passwordVersion);
  expect(opened.outcome).toBe("opened");
  return (opened as Extract<Opened, { outcome: "opened" }>).grant;
}

export async function openCookieSession(
  store: Store,
  userId: string,
  secretHash: string,
): Promise<SessionGrant> {
  const opened = await store.sessions.open({
    userId,
    passwordVersion: 1,
    carrier: { kind: "cookie", secretHash },
    device: { userAgent: null, address: null },
    amr: ["pwd"],
    clientId: "first-party",
  });
  expect(opened.outcome).toBe("opened");
  return (opened as Extract<Opened, { outcome: "opened" }>).grant;
}

/** The events of the trail about one user, oldest first. */
export async function eventsOf(store: Store, userId: string): Promise<string[]> {
  const rows = await store.audit.list({ limit: 500, userId });
  return rows.map((row) => row.event).toReversed();
}

/** Is an access token with this session and `iat` refused by a verifier that has the newest snapshot? */
export async function isRevoked(store: Store, sid: string, issuedAt: number): Promise<boolean> {
  const { tokensBefore, sessions } = await store.revocations.snapshot();
  if (tokensBefore !== null && issuedAt < tokensBefore) return true;
  return sessions.some((entry) => entry.sid === sid && issuedAt < entry.tokensBefore);
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** A place in the log of now. */
export async function cursorAt(store: Pick<Store, "revocations">, number: number): Promise<Cursor> {
  const { cursor } = await store.revocations.snapshot();
  return { epoch: cursor.epoch, number };
}
