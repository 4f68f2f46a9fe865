/**
 * Openings of sessions a second, hashing left out: on a PostgreSQL whose commits take longer and longer, by one and by
 * several instances, each beside a plain insert of the same row over the same connections.
 *
 * `npm run bench:openings -- [--json] [--quick] [--write]`
 */
import { readFlags } from "./flags.ts";
import { type ForkedProcess, startForked } from "./forked-process.ts";
import { describeMachine } from "./machine.ts";
import type { InstanceOrder, RunOrder, RunResult } from "./openings/instance.ts";
import { prepareDatabase } from "./openings/store.ts";
import { type BenchPostgres, startPostgres } from "./postgres.ts";
import { table, writeSection } from "./results-page.ts";
import { median, quantile, round, rounded, spreadOf } from "./spread.ts";

interface Result {
  readonly bench: "openings";
  readonly commit_ms: number;
  readonly instances: number;
  readonly openings_per_second: number;
  readonly p99_ms: number;
  /** Openings per second divided by plain inserts per second, round by round: the median of the rounds. */
  readonly of_plain_insert: number;
  /** Half of the rounds lie between these two. */
  readonly of_plain_insert_low: number;
  readonly of_plain_insert_high: number;
  readonly plain_inserts_per_second: number;
}

interface Round {
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
}

const flags = readFlags("openings");

const plan = flags.quick ? { rounds: 3, roundMs: 500 } : { rounds: 5, roundMs: 1000 };
const commitLatenciesMs = [0, 5, 20, 60];
const instanceCounts = [1, 2, 4];
/** Of all instances together: the same load whoever carries it. */
const clients = 20;
const accounts = 2000;

const results: Result[] = [];
const postgres = await startPostgres();
const instances: ForkedProcess<null>[] = [];
try {
  const databaseUrl = await postgres.newDatabase("openings");
  const userIds = await prepareDatabase(databaseUrl, accounts);
  const most = Math.max(...instanceCounts);
  for (let index = 0; index < most; index += 1) {
    const order: InstanceOrder = {
      databaseUrl,
      userIds: userIds.filter((_, place) => place % most === index),
    };
    instances.push(await startForked<null>(new URL("openings/instance.ts", import.meta.url), order));
  }
  for (const commitMs of commitLatenciesMs) {
    await delayCommits(postgres, commitMs);
    for (const count of instanceCounts) {
      say(`commits of ${commitMs} ms, ${count} instances`);
      const result = await measure(commitMs, instances.slice(0, count));
      say("");
      results.push(result);
      process.stdout.write(`${flags.json ? JSON.stringify(result) : sentence(result)}\n`);
    }
  }
} finally {
  await Promise.all(instances.map((instance) => instance.stop()));
  await postgres.stop();
}
if (flags.write) write();

/** As on a disk or with a standby that takes so long: the server waits before it flushes, and commits meanwhile join. */
async function delayCommits({ client }: BenchPostgres, commitMs: number): Promise<void> {
  await client.query("alter system set commit_siblings = 0");
  await client.query(`alter system set commit_delay = ${commitMs * 1000}`);
  await client.query("select pg_reload_conf()");
  for (let known = ""; known !== String(commitMs * 1000);) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { rows } = await client.query<{ setting: string }>(
      "select setting from pg_settings where name = 'commit_delay'",
    );
    known = rows[0]?.setting ?? "";
  }
}

async function measure(commitMs: number, used: readonly ForkedProcess<null>[]): Promise<Result> {
  const openings: Round[] = [];
  const inserts: Round[] = [];
  // Connects, and prepares the statements.
  await take(used, "open", plan.roundMs / 2);
  await take(used, "insert", plan.roundMs / 2);
  for (let number = 0; number < plan.rounds; number += 1) {
    // There and back, so that a machine that grows busier or quieter treats both alike.
    if (number % 2 === 0) {
      openings.push(await take(used, "open", plan.roundMs));
      inserts.push(await take(used, "insert", plan.roundMs));
    } else {
      inserts.push(await take(used, "insert", plan.roundMs));
      openings.push(await take(used, "open", plan.roundMs));
    }
  }
  const ratios = openings.map(
    ({ perSecond }, index) => perSecond / (inserts[index]?.perSecond ?? Number.NaN),
  );
  const ofPlain = rounded(spreadOf(ratios), 3);
  return {
    bench: "openings",
    commit_ms: commitMs,
    instances: used.length,
    openings_per_second: round(median(openings.map(({ perSecond }) => perSecond)), 1),
    p99_ms: round(
      quantile(
        openings.flatMap(({ latenciesMs }) => latenciesMs),
        0.99,
      ),
      2,
    ),
    of_plain_insert: ofPlain.median,
    of_plain_insert_low: ofPlain.low,
    of_plain_insert_high: ofPlain.high,
    plain_inserts_per_second: round(median(inserts.map(({ perSecond }) => perSecond)), 1),
  };
}

async function take(
  used: readonly ForkedProcess<null>[],
  verb: RunOrder["verb"],
  forMs: number,
): Promise<Round> {
  const order: RunOrder = { verb, clients: clients / used.length, forMs };
  const taken = await Promise.all(used.map((instance) => instance.ask<RunResult>("run", order)));
  const perSecond = taken.reduce(
    (sum, { elapsedMs, latenciesMs }) => sum + (latenciesMs.length / elapsedMs) * 1000,
    0,
  );
  return { perSecond, latenciesMs: taken.flatMap(({ latenciesMs }) => latenciesMs) };
}

/** Progress, for people. */
function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text.padEnd(50)}${text === "" ? "\r" : ""}`);
}

function sentence(result: Result): string {
  return (
    `commits of ${String(result.commit_ms).padStart(2)} ms, ${result.instances} ${result.instances === 1 ? "instance: " : "instances:"} ` +
    `${String(result.openings_per_second).padStart(7)} openings/s, p99 ${result.p99_ms} ms, ` +
    `${result.of_plain_insert.toFixed(2)} of ${result.plain_inserts_per_second} plain inserts/s ` +
    `(${result.of_plain_insert_low.toFixed(2)} to ${result.of_plain_insert_high.toFixed(2)})`
  );
}

function write(): void {
  const rows = results.map((result) => [
    String(result.commit_ms),
    String(result.instances),
    String(result.openings_per_second),
    String(result.p99_ms),
    String(result.plain_inserts_per_second),
    result.of_plain_insert.toFixed(2),
    `${result.of_plain_insert_low.toFixed(2)} to ${result.of_plain_insert_high.toFixed(2)}`,
  ]);
  const header = [
    "commit ms",
    "instances",
    "openings/s",
    "p99 ms",
    "plain inserts/s",
    "openings / inserts",
    "half of the rounds",
  ];
  const body = `\`npm run bench:openings -- --write\`: ${describeMachine()}. PostgreSQL that waits so long before it flushes a commit (\`commit_delay\`, \`commit_siblings = 0\`); ${clients} clients, dealt out to the instances, each one opening after the other; ${plan.rounds} rounds of ${plan.roundMs / 1000} s in turn, medians; database and instances share the machine. The plain insert writes the same row over the same connections into a table of its own.\n\n${table(header, rows)}`;
  writeSection("Openings of sessions", body);
}
