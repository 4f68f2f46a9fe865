// What a million accounts cost, beside a thousand: every verb of a busy installation on both, round by round, so that
// whatever else the machine does meets both. The usual run takes fewer, and looks at the plans alone; TEST_FULL=1 has all,
// judges the medians and prints a table.
import { randomBytes } from "node:crypto";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { createStatisticsStore } from "../../src/admin/statistics-store.ts";
import { readDatabaseFacts } from "../../src/operations/examination-store.ts";
import { defaultGraceSeconds } from "../../src/sessions/session.ts";
import { defaultSessionLimits } from "../../src/settings/limits.ts";
import { newApp } from "../app.ts";
import { medianOf } from "../medians.ts";
import { backends } from "./backends.ts";
import { openCookieSession, openSession } from "./fixtures.ts";
import { type Amounts, bytesPerRow, emailOf, fillWithMany } from "./many.ts";
import type { Store } from "./store.ts";
import { type Watched, watch } from "./watched.ts";

const isFull = process.env["TEST_FULL"] === "1";
const few: Amounts = { accounts: 1000, sessionsPerAccount: 2, auditRows: 3000 };
const many: Amounts = isFull
  ? { accounts: 1_000_000, sessionsPerAccount: 2, auditRows: 3_000_000 }
  : { accounts: 4000, sessionsPerAccount: 2, auditRows: 12_000 };
const rounds = isFull ? 41 : 1;
const callsPerRound = isFull ? 40 : 2;
const starts = isFull ? 9 : 1;
const limits = { graceSeconds: defaultGraceSeconds, ...defaultSessionLimits };

/** One database, and who of its accounts is asked about: spread over all of them. */
interface Installation {
  readonly watched: Watched;
  readonly url: string;
  readonly people: readonly Person[];
}

interface Person {
  readonly email: string;
  readonly userId: string;
  readonly sid: string;
  readonly createdAtMs: number;
}

async function install(url: string, amounts: Amounts): Promise<Installation> {
  const watched = await watch(url, (db, dialect) => fillWithMany(db, dialect, amounts, Date.now()));
  const calls = (rounds + 1) * callsPerRound;
  // All over the table, and nobody twice in a round.
  const emails = Array.from({ length: calls }, (_, index) =>
    emailOf(1 + ((index * 7919) % amounts.accounts)),
  );
  const { db } = watched.store;
  const people: Person[] = [];
  for (const email of emails) {
    const { rows } = await sql<{ id: string; sid: string; created_at: number }>`
      select users.id, sid, created_at from users join sessions on user_id = users.id where email_key = ${email} limit 1
    `.execute(db);
    const [row] = rows;
    if (row !== undefined) people.push({ email, userId: row.id, sid: row.sid, createdAtMs: row.created_at });
  }
  expect(people).toHaveLength(calls);
  return { watched, url, people };
}

/** Each with one person, who comes once to each verb of a round. */
function verbsOf(store: Store): Readonly<Record<string, (person: Person) => Promise<unknown>>> {
  const { accounts, accountSearch: search, sessions, audit, revocations } = store;
  const opened = new Map<string, string>();
  return {
    "log-in, without the hash": async ({ email }) => {
      const found = await accounts.findByEmail(email);
      const grant = await openSession(store, found?.account.id ?? "");
      opened.set(email, grant.sid);
    },
    renewal: async ({ email, sid }) => sessions.renew({ sid: opened.get(email) ?? sid, generation: 0 }),
    "log-out": async ({ email, sid }) => sessions.end({ sid: opened.get(email) ?? sid }, "logout"),
    "log-in with a cookie": ({ userId }) =>
      openCookieSession(store, userId, randomBytes(32).toString("base64url")),
    "sessions of an account": ({ userId }) => sessions.list(userId),
    "activity of an account": ({ userId }) => audit.list({ userId, limit: 30 }),
    "newest accounts": () => search.search({ query: { by: "age" }, limit: 50 }),
    "accounts from somewhere on": ({ createdAtMs, userId: id, email: emailKey }) =>
      search.search({ query: { by: "age" }, after: { createdAtMs, id, emailKey }, limit: 50 }),
    "accounts by an address": ({ email }) =>
      search.search({ query: { by: "beginning", text: email }, limit: 50 }),
    "newest events": () => audit.list({ limit: 30 }),
    "the feed": async () => revocations.since((await revocations.snapshot()).cursor, 100),
    "doctor: the database": () => readDatabaseFacts(store.database, Date.now),
  };
}

type Figures = Record<string, { few: number; many: number }>;

/** It counts, as far as it is bound to: the one thing that is about the number. */
const counting = "statistics, once a minute";
/**
 * For the few pages of a row among a million that are in the memory of the machine, but not in that of the database: 64 MB
 * on SQLite, 128 MB of PostgreSQL as it is by default.
 */
const pagesMs = { sqlite: 0.1, postgres: 0.3 };

describe("many accounts", () => {
  test.each(backends.slice(0, 2))(
    "what a request costs does not grow with them on $name",
    async ({ name, newUrl }) => {
      const small = await install(await newUrl(), few);
      const beganMs = performance.now();
      const large = await install(await newUrl(), many);
      const seconds = Math.round((performance.now() - beganMs) / 1000);
      const figures: Figures = {};
      // The process stood still for that long, and nobody waits for anything of before.
      for (const { watched } of [small, large]) watched.store.database.stallGuard.begin();

      // Each statement of them by an index, as the database plans it with so many.
      const scans: string[] = [];
      const verbs = verbsOf(large.watched.store);
      for (const [verb, run] of Object.entries(verbs)) {
        const [person] = large.people;
        if (person === undefined) continue;
        for (const statement of await large.watched.statementsOf(() => run(person)))
          for (const scan of await large.watched.scansOf(statement)) scans.push(`${verb}: ${scan}`);
      }
      expect(scans).toEqual([]);

      await compare(figures, small, large);
      await compareWhole(figures, small, large);
      const bytes = await bytesPerRow(large.watched.store.db, large.watched.store.dialect);
      await small.watched.store.close();
      await large.watched.store.close();
      await compareStarts(figures, small.url, large.url);
      if (isFull) process.stderr.write(tableOf(name, figures, bytes, seconds));
      if (!isFull) return;
      const grown = Object.entries(figures).filter(
        ([verb, of]) => verb !== counting && of.many > of.few * 1.2 + pagesMs[large.watched.store.dialect],
      );
      expect(grown).toEqual([]);
    },
  );
});

async function compare(figures: Figures, small: Installation, large: Installation): Promise<void> {
  const sides = [
    { side: "few", verbs: verbsOf(small.watched.store), people: small.people },
    { side: "many", verbs: verbsOf(large.watched.store), people: large.people },
  ] as const;
  const times = new Map<string, { few: number[]; many: number[] }>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const verb of Object.keys(sides[0].verbs)) {
      const inTurn = round % 2 === 0 ? sides : sides.toReversed();
      for (const { side, verbs, people } of inTurn) {
        const beganMs = performance.now();
        for (const person of people.slice(round * callsPerRound, (round + 1) * callsPerRound))
          await verbs[verb]?.(person);
        const took = (performance.now() - beganMs) / callsPerRound;
        // The first round fills caches.
        if (round === 0 && isFull) continue;
        const of = times.get(verb) ?? { few: [], many: [] };
        of[side].push(took);
        times.set(verb, of);
      }
    }
  }
  for (const [verb, of] of times) figures[verb] = { few: medianOf(of.few), many: medianOf(of.many) };
}

/** What reads everything, by the row, and the counts, which read as much as they are bound to. */
async function compareWhole(figures: Figures, small: Installation, large: Installation): Promise<void> {
  const verify = async ({ watched: { store } }: Installation): Promise<number> => {
    const beganMs = performance.now();
    const verdict = await store.audit.verifyChain();
    expect(verdict.outcome).toBe("intact");
    const took = performance.now() - beganMs;
    return took / (verdict.outcome === "intact" ? verdict.rows / 1000 : 1);
  };
  const delays = monitorEventLoopDelay({ resolution: 1 });
  const few: number[] = [];
  for (let time = 0; time < starts; time += 1) few.push(await verify(small));
  delays.enable();
  const manyMs = await verify(large);
  delays.disable();
  figures["audit verify, of 1000 rows"] = { few: medianOf(few), many: manyMs };
  if (isFull) process.stderr.write(`the longest turn while it verified: ${delays.max / 1e6} ms\n`);
  figures["a page of sessions pruned"] = {
    few: await pageOfPruning(small),
    many: await pageOfPruning(large),
  };
  const count = async ({ watched: { store } }: Installation): Promise<number> => {
    const statistics = createStatisticsStore(store.database, limits);
    const beganMs = performance.now();
    await statistics.accounts();
    await statistics.sessions();
    return performance.now() - beganMs;
  };
  const counts: Record<"few" | "many", number[]> = { few: [], many: [] };
  for (let time = 0; time < starts; time += 1) {
    counts.few.push(await count(small));
    counts.many.push(await count(large));
  }
  figures[counting] = { few: medianOf(counts.few), many: medianOf(counts.many) };
}

/** Sessions that are over are looked for page by page, with pauses, which do not count. */
async function pageOfPruning({ watched }: Installation): Promise<number> {
  const took: number[] = [];
  for (let time = 0; time < starts; time += 1) {
    const before = watched.spentMs();
    const { length } = await watched.statementsOf(() =>
      watched.store.sessions.prune(AbortSignal.timeout(isFull ? 1000 : 50)),
    );
    took.push((watched.spentMs() - before) / (length / 2));
  }
  return medianOf(took);
}

/** A server in this process, from nothing to ready. The first start makes keys. */
async function compareStarts(figures: Figures, small: string, large: string): Promise<void> {
  const masterKey = randomBytes(32).toString("base64url");
  const start = async (databaseUrl: string): Promise<number> => {
    const beganMs = performance.now();
    const app = newApp({ databaseUrl, masterKey });
    await app.ready();
    const took = performance.now() - beganMs;
    await app.close();
    return took;
  };
  const took: Record<"few" | "many", number[]> = { few: [], many: [] };
  for (let time = 0; time <= starts; time += 1) {
    const [one, other] = [await start(small), await start(large)];
    if (time === 0) continue;
    took.few.push(one);
    took.many.push(other);
  }
  figures["start"] = { few: medianOf(took.few), many: medianOf(took.many) };
}

function tableOf(
  name: string,
  figures: Figures,
  bytes: Awaited<ReturnType<typeof bytesPerRow>>,
  seconds: number,
): string {
  const rows = Object.entries(figures).map(
    ([verb, of]) =>
      `| ${verb.padEnd(28)} | ${of.few.toFixed(3).padStart(9)} | ${of.many.toFixed(3).padStart(9)} | ${(of.many / of.few).toFixed(2).padStart(5)} |`,
  );
  return [
    "",
    `${name}: ${many.accounts} accounts beside ${few.accounts}, milliseconds; filled in ${seconds} s`,
    `| ${"".padEnd(28)} | ${"few".padStart(9)} | ${"many".padStart(9)} | ratio |`,
    ...rows,
    `bytes with indexes: an account ${bytes.users}, a session ${bytes.sessions}, an event of the trail ${bytes.audit}`,
    "",
  ].join("\n");
}
