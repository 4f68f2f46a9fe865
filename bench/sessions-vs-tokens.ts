/**
 * Sessions or tokens: the same API, guarded by tokens and by cookie sessions in memory, in SQLite and in PostgreSQL, with
 * few and many people logged in, as one and as several processes.
 *
 * `npm run bench:sessions-vs-tokens -- [--json] [--quick] [--write]`
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ForkedProcess, startForked } from "./forked-process.ts";
import { readFlags } from "./flags.ts";
import { describeMachine } from "./machine.ts";
import { type BenchPostgres, startPostgres } from "./postgres.ts";
import type { LoadResult } from "./steady-load.ts";
import { median } from "./spread.ts";
import { cases, type Method, type Result, type SessionsCase } from "./sessions-vs-tokens/cases.ts";
import { fillDatabase } from "./sessions-vs-tokens/live-sessions.ts";
import type { LoadOrder } from "./sessions-vs-tokens/load.ts";
import { publish } from "./sessions-vs-tokens/page.ts";
import { recordFile, type RunRecord } from "./sessions-vs-tokens/record.ts";
import type { InstanceOrder } from "./sessions-vs-tokens/server.ts";

type Instance = ForkedProcess<{ readonly port: number }>;

interface Sample {
  readonly requestsPerSecond: number;
  readonly cpuMicroseconds: number;
  readonly p99Ms: number;
  readonly statements: number;
}

const flags = readFlags("sessions-vs-tokens");

const connections = 32;
const sizes = flags.quick ? [1000, 100_000] : [1000, 1_000_000];
const plan = flags.quick
  ? { rounds: 3, warmUpMs: 300, runMs: 1000 }
  : { rounds: 4, warmUpMs: 500, runMs: 2000 };
const issuer = "https://posts.example";
const secret = randomBytes(32).toString("base64url");

const folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
const results: Result[] = [];
const postgres = await startPostgres();
try {
  for (const sessions of sizes) {
    // oxlint-disable-next-line no-await-in-loop -- one size at a time has the machine to itself
    const found = await measureWith(sessions, postgres);
    results.push(...found);
    for (const result of found)
      process.stdout.write(`${flags.json ? JSON.stringify(result) : sentence(result)}\n`);
  }
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
if (flags.write) {
  const record: RunRecord = { machine: describeMachine(), connections, rounds: plan.rounds, results };
  writeFileSync(recordFile, `${JSON.stringify(record, undefined, 2)}\n`);
  publish();
}

async function measureWith(sessions: number, { newDatabase }: BenchPostgres): Promise<Result[]> {
  const seed = randomBytes(16).toString("hex");
  say(`${sessions} live sessions: filling the databases`);
  const sqliteUrl = `sqlite:${folder}/${sessions}/countersign.db`;
  const postgresUrl = await newDatabase(`sessions_${sessions}`);
  await fillDatabase(postgresUrl, seed, sessions);
  await fillDatabase(sqliteUrl, seed, sessions);
  const memoryUrl = `sqlite:${folder}/${sessions}-memory/countersign.db`;
  await fillDatabase(memoryUrl, seed, sessions);
  const urlOf: Record<Method, string> = {
    // Nobody asks it.
    token: "sqlite::memory:",
    memory: memoryUrl,
    sqlite: sqliteUrl,
    postgres: postgresUrl,
  };
  const order = { seed, sessions, issuer, secret };
  const instances = new Map<Method, Instance[]>();
  try {
    for (const { method, instances: count } of cases) {
      const started = instances.get(method) ?? [];
      instances.set(method, started);
      while (started.length < count) {
        say(`${sessions} live sessions: starting ${method} ${started.length + 1}`);
        const databaseUrl = urlOf[method];
        const script = new URL("sessions-vs-tokens/server.ts", import.meta.url);
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        started.push(
          await startForked(script, { ...order, method, databaseUrl } satisfies InstanceOrder, [
            "--expose-gc",
          ]),
        );
      }
    }
    const samples = new Map<SessionsCase, Sample[]>(cases.map((each) => [each, []]));
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const each of cases) {
        say(
          `${sessions} live sessions: round ${round} of ${plan.rounds}, ${each.method} × ${each.instances}`,
        );
        const used = (instances.get(each.method) ?? []).slice(0, each.instances);
        // oxlint-disable-next-line no-await-in-loop -- each has the machine to itself
        samples.get(each)?.push(await sample(each, used, order));
      }
    }
    say("");
    const found: Result[] = [];
    for (const [each, taken] of samples) {
      const used = (instances.get(each.method) ?? []).slice(0, each.instances);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      found.push(await resultOf(each, taken, used, sessions));
    }
    return found;
  } finally {
    await Promise.all([...instances.values()].flat().map((instance) => instance.stop()));
  }
}

async function sample(
  { method }: SessionsCase,
  used: readonly Instance[],
  order: Omit<InstanceOrder, "method" | "databaseUrl">,
): Promise<Sample> {
  const load: LoadOrder = {
    ...order,
    method,
    ports: used.map(({ started }) => started.port),
    connections,
    warmUpMs: plan.warmUpMs,
  };
  const read = async (): Promise<{ cpu: number; statements: number }> => {
    const cpus = await Promise.all(used.map((instance) => instance.cpuMicroseconds()));
    const statements = await Promise.all(used.map((instance) => instance.ask<number>("statements")));
    const ofDatabase = method === "postgres" ? [...(await postgres.cpuMicroseconds()).values()] : [];
    return { cpu: sum([...cpus, ...ofDatabase]), statements: sum(statements) };
  };
  const script = new URL("sessions-vs-tokens/load.ts", import.meta.url);
  const sender = await startForked<null>(script, load);
  try {
    const before = await read();
    const { requests, requestsPerSecond, p99Ms } = await sender.ask<LoadResult>("run", plan.runMs);
    const after = await read();
    return {
      requestsPerSecond,
      p99Ms,
      cpuMicroseconds: (after.cpu - before.cpu) / requests,
      statements: (after.statements - before.statements) / requests,
    };
  } finally {
    await sender.stop();
  }
}

async function resultOf(
  { method, instances }: SessionsCase,
  taken: readonly Sample[],
  used: readonly Instance[],
  sessions: number,
): Promise<Result> {
  const memory = await Promise.all(used.map((instance) => instance.ask<number>("memoryBytes")));
  const of = (read: (one: Sample) => number): number => median(taken.map(read));
  return {
    bench: "sessions-vs-tokens",
    case: `${method} × ${instances}, ${sessions} sessions`,
    method,
    instances,
    live_sessions: sessions,
    requests_per_second: Math.round(of((one) => one.requestsPerSecond)),
    cpu_us_per_request: Number(of((one) => one.cpuMicroseconds).toFixed(1)),
    p99_ms: Number(of((one) => one.p99Ms).toFixed(2)),
    memory_mb: Math.round(sum(memory) / 2 ** 20),
    statements_per_request: Number(of((one) => one.statements).toFixed(2)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Progress, for people. */
function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text.padEnd(70)}`);
}

function sentence(result: Result): string {
  return (
    `${result.case.padEnd(36)} ${String(result.requests_per_second).padStart(6)} requests/s, ${result.cpu_us_per_request} µs CPU each, ` +
    `p99 ${result.p99_ms} ms, ${result.memory_mb} MB, ${result.statements_per_request} statements each`
  );
}
