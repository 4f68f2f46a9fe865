// What every store test runs on: SQLite as the one instance it allows, PostgreSQL as three with connections of their own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openStore, type Store, type StoreOptions } from "./store.ts";
import { newPostgresUrl } from "../postgres.ts";

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

const postgres: Backend = {
  name: "PostgreSQL",
  async open(options = {}) {
    return openOn(await newPostgresUrl(), options);
  },
  async openInstances(count, options = {}) {
    const url = await newPostgresUrl();
    return Promise.all(Array.from({ length: count }, () => openOn(url, options)));
  },
  newUrl: newPostgresUrl,
};

/** Closed when the test ends, if it was not before. */
export async function openOn(url: string, options: Options = {}): Promise<Store> {
  const store = await openStore({ ...options, url });
  onTestFinished(() => store.close());
  return store;
}

export const backends: readonly Backend[] = [sqlite, postgres];
