// What every store test runs on: SQLite as the one instance it allows, PostgreSQL as three with connections of their own,
// and in the full run also through PgBouncer.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openStore, type Store, type StoreOptions } from "./store.ts";
import type { PoolMode } from "../pgbouncer.ts";
import { newDatabaseUrl, newPostgresUrl, whyNoPgbouncer } from "../postgres.ts";

type Options = Omit<StoreOptions, "url">;

export interface Backend {
  readonly name: string;
  /** One store on a new database; closed and removed when the test ends. */
  open(options?: Options): Promise<Store>;
  /** Several instances on one new database: of SQLite, the same one several times. */
  openInstances(count: number, options?: Options): Promise<Store[]>;
  /** An empty database, for a store that is opened more than once. */
  newUrl(): Promise<string>;
}

const sqlite: Backend = {
  name: "SQLite",
  async open(options = {}) {
    return openOn(await sqlite.newUrl(), options);
  },
  async newUrl() {
    const folder = await mkdtemp(join(tmpdir(), "countersign-store-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    return `sqlite:${join(folder, "store.db")}`;
  },
  async openInstances(count, options) {
    const store = await sqlite.open(options);
    return Array.from({ length: count }, () => store);
  },
};

/** A busy machine is no database that is gone; tests of that say how long it may take. */
const patient: Options = { statementTimeoutMs: 20_000 };

const postgres = postgresBackend("PostgreSQL", newPostgresUrl, patient);

function postgresBackend(name: string, newUrl: () => Promise<string>, defaults: Options = {}): Backend {
  return {
    name,
    newUrl,
    async open(options = {}) {
      return openOn(await newUrl(), { ...defaults, ...options });
    },
    async openInstances(count, options = {}) {
      const url = await newUrl();
      return Promise.all(Array.from({ length: count }, () => openOn(url, { ...defaults, ...options })));
    },
  };
}

/** Three instances fit into the twenty places that a pool has in session mode. */
function pooledBackend(mode: PoolMode): Backend {
  return postgresBackend(`PostgreSQL through PgBouncer in ${mode} mode`, () => newDatabaseUrl(mode), {
    ...patient,
    connections: 5,
  });
}

/** Closed when the test ends, if it was not before. */
export async function openOn(url: string, options: Options = {}): Promise<Store> {
  const store = await openStore({ ...options, url });
  onTestFinished(() => store.close());
  return store;
}

/** In every run `dialects/postgres-pooler.test.ts` takes a few verbs that way. */
async function pooledBackends(): Promise<readonly Backend[]> {
  if (process.env["TEST_FULL"] !== "1") return [];
  const missing = await whyNoPgbouncer();
  if (missing === undefined) return [pooledBackend("session"), pooledBackend("transaction")];
  process.stderr.write(`The stores are not tried through PgBouncer: ${missing}\n`);
  return [];
}

export const backends: readonly Backend[] = [sqlite, postgres, ...(await pooledBackends())];
