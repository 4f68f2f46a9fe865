// A fresh PostgreSQL database for a test, in the cluster that the whole run shares.
import { expect, inject, onTestFinished } from "vitest";
import type { PoolMode } from "./pgbouncer.ts";

/** As a schema, which costs a hundredth of a database. */
export function newPostgresUrl(): Promise<string> {
  return ask("schema", "POST");
}

/** A database of its own that is reached by way of PgBouncer, or directly; removed when the test ends. */
export async function newDatabaseUrl(way: PoolMode | "database"): Promise<string> {
  const url = await ask(way, "POST");
  onTestFinished(async () => void (await ask("database", "DELETE", url)));
  return url;
}

/** Why no test can go through PgBouncer, or undefined; installs it where that is possible. */
export async function whyNoPgbouncer(): Promise<string | undefined> {
  return (await ask("pgbouncer", "POST")) || undefined;
}

async function ask(path: string, method: string, body?: string): Promise<string> {
  const init = { method, ...(body !== undefined && { body }) };
  const response = await fetch(new URL(path, inject("newPostgresDatabase")), init);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return text;
}
