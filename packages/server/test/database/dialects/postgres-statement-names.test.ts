// A prepared statement's name says what the statement is: behind a pooler, instances share the server's connections.
import { Kysely, sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { openPostgres } from "../../../src/database/dialects/postgres.ts";
import { newPostgresUrl } from "../../postgres.ts";

/** What PostgreSQL truncates a longer name to, and so what two names must differ within. */
const longestNameBytes = 63;

/** One connection, so that all statements of an instance meet in one session of the server. */
function openInstance(url: string): Kysely<unknown> {
  const limits = { connections: 1, connectTimeoutMs: 10_000, statementTimeoutMs: 10_000 };
  const db = new Kysely<unknown>({ dialect: openPostgres(url, limits).verbs });
  onTestFinished(() => db.destroy());
  return db;
}

/** Texts that differ late, early, in length, and by a space alone. */
const texts = [
  "select $1::int + 1",
  "select $1::int + 2",
  "select  $1::int + 1",
  "values ($1::int)",
  `select $1::int + ${"0 + ".repeat(20)}1`,
  `select $1::int + ${"0 + ".repeat(20)}2`,
];

async function run(db: Kysely<unknown>, text: string): Promise<void> {
  const [before = "", after = ""] = text.split("$1");
  await sql`${sql.raw(before)}${1}${sql.raw(after)}`.execute(db);
}

/** The server's own word on which text has which name. */
async function preparedNames(db: Kysely<unknown>): Promise<Map<string, string>> {
  const { rows } = await sql<{ statement: string; name: string }>`
    select statement, name from pg_prepared_statements`.execute(db);
  return new Map(rows.map(({ statement, name }) => [statement, name]));
}

test("two instances that meet statements in another order give each text one name, and each name one text", async () => {
  const url = await newPostgresUrl();
  const first = openInstance(url);
  const second = openInstance(url);
  for (const text of texts) await run(first, text);
  for (const text of texts.toReversed()) await run(second, text);

  const names = await preparedNames(first);
  expect([...names.keys()].toSorted()).toEqual(texts.toSorted());
  expect(await preparedNames(second)).toEqual(names);
  expect(new Set(names.values()).size).toBe(texts.length);
  for (const name of names.values()) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(longestNameBytes);
});

test("a later process gives a text the name that an earlier one gave it", async () => {
  const url = await newPostgresUrl();
  const earlier = openInstance(url);
  await run(earlier, "select $1::int + 1");
  const later = openInstance(url);
  await run(later, "select $1::int + 3");
  await run(later, "select $1::int + 1");
  const name = (await preparedNames(earlier)).get("select $1::int + 1");
  expect(name).toBeDefined();
  expect((await preparedNames(later)).get("select $1::int + 1")).toBe(name);
  expect((await preparedNames(later)).get("select $1::int + 3")).not.toBe(name);
});
