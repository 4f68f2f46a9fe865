// countersign doctor: on both databases, beside a server and without one, and on set-ups that are unsafe.
import { chmodSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type Finding,
  judgeClock,
  judgeDatabase,
  judgeDatabaseTls,
  judgeDeployment,
  judgeKeys,
  judgeOthers,
} from "../../src/cli/doctor-findings.ts";
import { runCommand } from "../../src/cli/run.ts";
import type { Examination } from "../../src/operations/examination.ts";
import { newApp } from "../app.ts";
import { newDatabaseUrl, newPostgresUrl, whyNoPgbouncer } from "../postgres.ts";
import { newFolder, newInstallation, startServer } from "./installations.ts";

const issuer = "https://auth.example.com";
const safe = ["--issuer", issuer, "--trusted-proxies", "192.0.2.1"] as const;

interface Judged {
  readonly findings: readonly Finding[];
  readonly refused: string | undefined;
  of(check: Finding["check"]): readonly Finding[];
}

async function examined(...args: readonly string[]): Promise<Judged> {
  let printed = "";
  let refused: string | undefined;
  try {
    await runCommand(["doctor", "--json", ...args], {
      environment: {},
      print: (text) => void (printed += text),
    });
  } catch (error) {
    if (printed === "") throw error;
    refused = (error as Error).message;
  }
  const { findings } = JSON.parse(printed) as { findings: readonly Finding[] };
  return { findings, refused, of: (check) => findings.filter((finding) => finding.check === check) };
}

async function installationOn(database: string): Promise<{ where: string[]; url: string; dataDir: string }> {
  if (database === "SQLite") {
    const { dataDir } = await newInstallation();
    const url = `sqlite:${dataDir}/countersign.db`;
    return { where: ["--data-dir", dataDir, "--database", url], url, dataDir };
  }
  const [dataDir, url] = [await newFolder(), await newPostgresUrl()];
  await (await startServer(dataDir, url)).stop();
  return { where: ["--data-dir", dataDir, "--database", url], url, dataDir };
}

const problemsOf = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level === "problem").map(({ text }) => text);

/** The cluster of the tests forgets on purpose, to be fast. */
const isNotOfTests = (text: string) => !/^(?:fsync|full_page_writes|synchronous_commit) is off/.test(text);

describe.each(["SQLite", "PostgreSQL"])("on %s", (database) => {
  test("what is set up well is fine, beside a server, whose own settings count, and without one", async () => {
    const { where, url, dataDir } = await installationOn(database);
    const stopped = await examined(...where, ...safe);
    expect(problemsOf(stopped.findings).filter(isNotOfTests)).toEqual([]);
    if (database === "SQLite") expect(stopped.refused).toBeUndefined();
    expect(stopped.of("instances")).toMatchObject([
      { level: "note", text: expect.stringContaining("no server") },
    ]);
    const app = newApp({ issuer, databaseUrl: url, dataDir, masterKey: undefined, guessesPerSource: 5000 });
    onTestFinished(() => app.close());
    await app.ready();
    await expect
      .poll(async () => (await examined(...where, ...safe)).of("instances"), { timeout: 20_000 })
      .toMatchObject([{ level: "ok" }]);
    const running = await examined(...where, ...safe);
    expect(running.of("throttling")).toMatchObject([
      {
        level: "problem",
        text: expect.stringContaining("5000"),
        fix: expect.stringContaining("--guesses-per-source"),
      },
    ]);
    expect(running.refused).toMatch(/^\d problems?$/);
  }, 120_000);

  test("a key file that others can read, and an issuer that is plain HTTP, are named with the fix", async () => {
    const { where, dataDir } = await installationOn(database);
    const key = join(dataDir, "master.key");
    chmodSync(key, 0o644);
    const open = await examined(...where, "--issuer", "http://auth.example.com");
    expect(open.of("files")).toMatchObject([
      { level: "problem", text: expect.stringContaining(`chmod 600 ${key}`) },
    ]);
    expect(open.of("tls")).toContainEqual(
      expect.objectContaining({ level: "problem", fix: expect.stringContaining("--issuer https://") }),
    );
    expect(open.refused).toMatch(/^\d+ problems$/);
    chmodSync(key, 0o600);
    const bare = await examined(...where, "--issuer", issuer);
    expect(bare.of("proxy")).toMatchObject([
      { level: "problem", fix: expect.stringContaining("--trusted-proxies") },
    ]);
  });
});

test("settings that cannot work are findings, too", async () => {
  const { where } = await installationOn("SQLite");
  const { of } = await examined(...where, ...safe, "--port", "99999");
  expect(of("settings")).toMatchObject([{ level: "problem", text: expect.stringContaining("port") }]);
});

test("a database that cannot be reached is a finding, and shows no password", async () => {
  const url = "postgres://countersign:tangerine@127.0.0.1:1/auth";
  const { of, findings } = await examined("--data-dir", await newFolder(), "--database", url, ...safe);
  expect(of("database")).toMatchObject([{ level: "problem" }]);
  expect(JSON.stringify(findings)).not.toContain("tangerine");
});

test("where PostgreSQL does not say where its log stands, that is said", async () => {
  // A right of everybody is one in a database of its own: other tests share theirs.
  const [dataDir, url] = [await newFolder(), await newDatabaseUrl("database")];
  const where = ["--data-dir", dataDir, "--database", url];
  await (await startServer(dataDir, url)).stop();
  const admin = new pg.Client(url);
  await admin.connect();
  const role = `doctor_${Date.now()}`;
  await admin.query(`create role ${role} login password '${role}'`);
  await admin.query(`grant usage, create on schema public to ${role}; grant all on all tables in schema public to ${role};
    grant all on all sequences in schema public to ${role};
    revoke execute on function pg_walfile_name(pg_lsn) from public`);
  try {
    const less = new URL(url);
    less.username = less.password = role;
    const { of } = await examined("--data-dir", dataDir, "--database", less.href, ...safe);
    expect(of("database")).toContainEqual(
      expect.objectContaining({ level: "problem", text: expect.stringContaining("pg_walfile_name") }),
    );
    expect(JSON.stringify((await examined(...where, ...safe)).findings)).not.toContain("pg_walfile_name");
  } finally {
    await admin.query(`grant execute on function pg_walfile_name(pg_lsn) to public; drop owned by ${role};
      drop role ${role}`);
    await admin.end();
  }
});

test("a pooler in front of PostgreSQL is noticed", async ({ skip }) => {
  const why = await whyNoPgbouncer();
  if (why !== undefined) skip(why);
  const [dataDir, url] = [await newFolder(), await newDatabaseUrl("transaction")];
  await (await startServer(dataDir, url)).stop();
  const { of } = await examined("--data-dir", dataDir, "--database", url, ...safe);
  expect(of("pooler")).toMatchObject([{ level: "note", text: expect.stringContaining("a pooler stands") }]);
});

const fine: Examination = {
  clock_offset_ms: 3,
  trail_ahead_ms: 0,
  waiting_events: 0,
  postgres: {
    version: "17.2",
    has_pooler: false,
    max_connections: 100,
    connections: 10,
    off: [],
    may_read_wal: true,
    prepared_transactions: 0,
    oldest_transaction_seconds: 0,
  },
  master_key: null,
  keys: [{ algorithm: "ES256", state: "active", activated_at: "2026-05-01T00:00:00.000Z" }],
  has_administrator: true,
  instances: [],
};
const [mayFirst, dayMs] = [Date.parse("2026-05-01T00:00:00.000Z"), 86_400_000];

test("clocks that differ, and one that was set back, are problems", () => {
  expect(problemsOf(judgeClock(fine))).toEqual([]);
  expect(problemsOf(judgeClock({ ...fine, clock_offset_ms: -30_000 }))).toEqual([
    "the database's clock is 30 s behind this machine's",
  ]);
  expect(problemsOf(judgeClock({ ...fine, trail_ahead_ms: 3_600_000 }))[0]).toContain("3600 s in the future");
});

test("a PostgreSQL that forgets, is full or is kept from cleaning up is a problem, each with its own", () => {
  const judged = (facts: Partial<NonNullable<Examination["postgres"]>>) =>
    problemsOf(judgeDatabase({ ...fine, postgres: fine.postgres && { ...fine.postgres, ...facts } }));
  expect(judged({})).toEqual([]);
  expect(judged({ off: ["fsync", "synchronous_commit"] })).toHaveLength(2);
  expect(judged({ connections: 99 })[0]).toContain("99 of 100");
  expect(judged({ prepared_transactions: 1 })[0]).toContain("prepared");
  expect(judged({ oldest_transaction_seconds: 7200 })[0]).toContain("7200 s");
});

test("keys that grew old, or that the master key does not open, are problems", () => {
  expect(problemsOf(judgeKeys(fine, mayFirst + 30 * dayMs))).toEqual([]);
  expect(problemsOf(judgeKeys(fine, mayFirst + 40 * dayMs))[0]).toContain("40 days old");
  expect(problemsOf(judgeKeys({ ...fine, keys: [] }, mayFirst))).toEqual(["no key signs"]);
  expect(problemsOf(judgeKeys({ ...fine, master_key: "it does not" }, mayFirst))).toEqual(["it does not"]);
});

test("the way to a database elsewhere must be TLS that is verified", () => {
  const url = "postgres://db.example.com/auth";
  expect(problemsOf(judgeDatabaseTls(url))).toEqual([]);
  expect(problemsOf(judgeDatabaseTls("postgres://127.0.0.1/auth?sslmode=disable"))).toEqual([]);
  expect(problemsOf(judgeDatabaseTls(`${url}?sslmode=disable`))[0]).toContain("sslmode=disable");
  expect(problemsOf(judgeDatabaseTls(`${url}?sslmode=no-verify`))[0]).toContain("sslmode=no-verify");
});

test("instances of two releases, and a dev mailbox that others reach, are problems", () => {
  const deployment = {
    issuer,
    guesses_per_source: 100,
    guesses_per_account: 10,
    dev_mail: true,
    sends_mail: false,
  };
  const seen = { trustedProxies: ["192.0.2.1"], host: "127.0.0.1" };
  expect(problemsOf(judgeDeployment(deployment, seen))).toEqual(["the dev mailbox shows everybody's mail"]);
  expect(problemsOf(judgeDeployment({ ...deployment, issuer: "http://127.0.0.1:3001" }, seen))).toEqual([]);
  const logins = { seconds: 1, succeeded: 0, failed: {} };
  const instances = ["0.1.0", "0.2.0"].map((version) => ({
    id: version,
    version,
    started_at: "2026-05-01T00:00:00.000Z",
    followers: [],
    logins,
    deployment,
  }));
  expect(problemsOf(judgeOthers({ ...fine, instances }))[0]).toContain("0.1.0, 0.2.0");
});
