// All stores on one database, as one bag for tests and benches. A service takes the verbs that it needs.

import { noMailing } from "../../src/mail/store.ts";
import type { Kysely } from "kysely";
import { type AccountStore, createAccountStore } from "../../src/accounts/store.ts";
import { createAdministrators } from "../../src/accounts/administrators.ts";
import { type AccountSearch, createAccountSearch } from "../../src/admin/search-store.ts";
import { type AuditTrail, createAuditTrail } from "../../src/audit/trail.ts";
import type { Database } from "../../src/database/database.ts";
import { agreeOnTime } from "../../src/database/steady-clock.ts";
import { type ConnectionOptions, openDatabase } from "../../src/database/open.ts";
import { createInstallationStore, type InstallationStore } from "../../src/keys/installation-store.ts";
import { createSigningKeyStore, type SigningKeyStore } from "../../src/keys/store.ts";
import { revocationSecondsFor } from "../../src/revocations/lifetimes.ts";
import { createRevocationLog, type RevocationLog } from "../../src/revocations/store.ts";
import { defaultGraceSeconds, requestLifetimeMs, type SessionLimits } from "../../src/sessions/session.ts";
import { createSecondFactorStore, type SecondFactorStore } from "../../src/second-factor/store.ts";
import { defaultSessionLimits } from "../../src/settings/limits.ts";
import { createStoredSessions, type StoredSessions } from "../../src/sessions/store.ts";

export interface StoreOptions extends ConnectionOptions {
  /** The longest that any access token lives; revocations are kept that long. @default 900 */
  readonly accessTokenLifetimeSeconds?: number;
  readonly sessions?: Partial<SessionLimits>;
  /** Whose last account stays. @default none */
  readonly administratorRoles?: readonly string[];
  /** A test's clock in place of the database's own. */
  readonly nowMs?: () => number;
  /** Milliseconds of a clock that cannot be set. Where a test replaces the other one, the same. */
  readonly steadyMs?: () => number;
}

/**
 * Verbs are grouped by noun. They return outcomes; they throw `StoreError` when the database cannot
 * be used.
 */
export interface Store extends Pick<Database, "dialect" | "onRevocations" | "ready" | "close"> {
  readonly accounts: AccountStore;
  readonly accountSearch: AccountSearch;
  readonly sessions: StoredSessions;
  readonly revocations: RevocationLog;
  readonly audit: AuditTrail;
  readonly signingKeys: SigningKeyStore;
  readonly secondFactors: SecondFactorStore;
  readonly installation: InstallationStore;
  readonly database: Database;
  /** The connection, for an app's own tables: `store.db.withTables<{ posts: PostsTable }>()`. */
  readonly db: Kysely<unknown>;
}

/**
 * Opens the database, brings its tables up to date, and returns when it is ready.
 *
 * @throws TypeError for a URL of another kind
 * @throws StoreError see its codes
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const limits = { graceSeconds: defaultGraceSeconds, ...defaultSessionLimits, ...options.sessions };
  const database = await openDatabase({
    ...options,
    requestLifetimeMs: requestLifetimeMs(limits),
    revocationSeconds: revocationSecondsFor(options.accessTokenLifetimeSeconds),
  });
  return storesOn(database, limits, options.steadyMs ?? options.nowMs, options.administratorRoles);
}

/** All stores on a database that is open. */
export async function storesOn(
  database: Database,
  limits: SessionLimits,
  steadyMs?: () => number,
  administratorRoles: readonly string[] = [],
): Promise<Store> {
  const agreedTime = await agreeOnTime(database, steadyMs);
  const { appDb, dialect, onRevocations, ready, close } = database;
  return {
    accounts: createAccountStore(database, limits, {
      administrators: createAdministrators(database, administratorRoles),
    }),
    accountSearch: createAccountSearch(database),
    sessions: createStoredSessions(database, limits, agreedTime),
    revocations: createRevocationLog(database, { agreedTime, steadyMs }),
    audit: createAuditTrail(database),
    signingKeys: createSigningKeyStore(database),
    secondFactors: createSecondFactorStore(database, {
      limits,
      rolesWithSecondFactor: new Set(["must"]),
      notices: noMailing,
    }),
    installation: createInstallationStore(database),
    database,
    db: appDb,
    dialect,
    onRevocations,
    ready,
    close,
  };
}
