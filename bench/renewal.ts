/**
 * Renewals over HTTP on both databases: database, server and load on one machine, every renewal durable and signed.
 *
 * `npm run bench:renewal -- [--json] [--quick] [--write]`
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readFlags } from "./flags.ts";
import { describeMachine } from "./machine.ts";
import { type BenchPostgres, startPostgres } from "./postgres.ts";
import { Load } from "./renewal/load.ts";
import { table, writeSection } from "./results-page.ts";

interface Result {
  readonly bench: "renewal";
  readonly case: string;
  readonly renewals_per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Transactions the database committed for each renewal; null where it does not count them. */
  readonly commits_per_renewal: number | null;
  /** Flushes to the disk for each renewal; null where nothing here can count them. */
  readonly fsyncs_per_renewal: number | null;
}

/** Reads counters of the database before and after a run. */
interface Meter {
  start(serverPid: number): Promise<void>;
  stop(): Promise<{ readonly commits: number | null; readonly fsyncs: number | null }>;
}

const flags = readFlags("renewal");

const sessions = 16;
const warmUpMs = flags.quick ? 500 : 2000;
const runMs = flags.quick ? 3000 : 10_000;
const countMs = 1000;

const folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
const results: Result[] = [];
try {
  await measure("sqlite", `sqlite:${folder}/sqlite/countersign.db`, straceMeter());
  const postgres = await startPostgres();
  try {
    await measure("postgres", await postgres.newDatabase("countersign"), postgresMeter(postgres));
  } finally {
    await postgres.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (flags.write) write();

async function measure(name: string, url: string, meter: Meter): Promise<void> {
  const server = spawn(
    process.execPath,
    [
      "--conditions=@countersign/source",
      fileURLToPath(new URL("renewal/server.ts", import.meta.url)),
      url,
      join(folder, name),
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const origin = await new Promise<string>((resolve) =>
    server.stdout.once("data", (line: Buffer) => resolve(line.toString().trim())),
  );
  const load = new Load(origin, sessions);
  await load.logIn(sessions);
  await load.run(warmUpMs);
  const timed = await load.run(runMs);
  // Counted in a run of its own: counting may slow the server down.
  await meter.start(server.pid ?? 0);
  const counted = await load.run(countMs);
  const { commits, fsyncs } = await meter.stop();
  load.close();
  server.stdin.end();
  await ended;

  const each = (count: number | null): number | null =>
    count === null ? null : Math.round((count / counted.renewals) * 100) / 100;
  const result: Result = {
    bench: "renewal",
    case: name,
    renewals_per_second: timed.renewalsPerSecond,
    p50_ms: timed.p50Ms,
    p99_ms: timed.p99Ms,
    commits_per_renewal: each(commits),
    fsyncs_per_renewal: each(fsyncs),
  };
  results.push(result);
  process.stdout.write(`${flags.json ? JSON.stringify(result) : sentence(result)}\n`);
}

/** Transactions committed and the log's flushes, as PostgreSQL counts them. */
function postgresMeter({ client }: BenchPostgres): Meter {
  const counters = async (): Promise<{ commits: number; fsyncs: number }> => {
    // An idle backend reports its last counts after ten seconds.
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    const { rows } = await client.query<{ commits: string; fsyncs: string }>(
      `select (select xact_commit from pg_stat_database where datname = 'countersign') as commits,
              (select sum(fsyncs) from pg_stat_io where object = 'wal') as fsyncs`,
    );
    return { commits: Number(rows[0]?.commits), fsyncs: Number(rows[0]?.fsyncs) };
  };
  let before = { commits: 0, fsyncs: 0 };
  return {
    async start() {
      before = await counters();
    },
    async stop() {
      const after = await counters();
      return { commits: after.commits - before.commits, fsyncs: after.fsyncs - before.fsyncs };
    },
  };
}

/** SQLite has no counters; strace, where it is installed, sees the flushes. */
function straceMeter(): Meter {
  let strace: ReturnType<typeof spawn> | undefined;
  let seen = "";
  return {
    async start(serverPid) {
      try {
        execFileSync("strace", ["-V"], { stdio: "ignore" });
      } catch {
        return;
      }
      strace = spawn("strace", ["-f", "-e", "trace=fsync,fdatasync", "-p", String(serverPid)], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      strace.stderr?.on("data", (chunk: Buffer) => (seen += chunk.toString()));
      await new Promise((resolve) => setTimeout(resolve, 500));
    },
    async stop() {
      if (strace === undefined) return { commits: null, fsyncs: null };
      const ended = new Promise((resolve) => strace?.once("exit", resolve));
      strace.kill("SIGINT");
      await ended;
      // Each commit is one flush of the write-ahead log.
      const fsyncs = seen.match(/\bf(data)?sync\(\d+\)/g)?.length ?? 0;
      return { commits: null, fsyncs };
    },
  };
}

function sentence(result: Result): string {
  const count = (value: number | null): string => (value === null ? "not counted" : String(value));
  return (
    `${result.case.padEnd(9)} ${result.renewals_per_second} renewals/s, p50 ${result.p50_ms} ms, p99 ${result.p99_ms} ms; ` +
    `per renewal: commits ${count(result.commits_per_renewal)}, fsyncs ${count(result.fsyncs_per_renewal)}`
  );
}

function write(): void {
  const rows = results.map((result) => [
    result.case,
    String(result.renewals_per_second),
    String(result.p50_ms),
    String(result.p99_ms),
    String(result.commits_per_renewal ?? "not counted"),
    String(result.fsyncs_per_renewal ?? "not counted"),
  ]);
  const header = ["database", "renewals/s", "p50 ms", "p99 ms", "commits each", "fsyncs each"];
  const body = `\`npm run bench:renewal\`: ${describeMachine()}. ${sessions} sessions, each one renewal after the other over HTTP; database, server and load on this machine.\n\n${table(header, rows)}`;
  writeSection("Renewals", body);
}
