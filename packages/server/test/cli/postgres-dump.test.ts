// A dump that pg_dump makes of an installation: proved, damaged, and restored into another cluster.
import type { FastifyInstance } from "fastify";
import { chmod, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createApp } from "../../src/index.ts";
import { issuer, login, newAccount } from "../app.ts";
import { unpackDebianPostgres } from "../debian-postgres.ts";
import { newFolder, printedUnder } from "./installations.ts";

function appOn(databaseUrl: string, dataDir: string): FastifyInstance {
  const app = createApp({ issuer, dataDir, databaseUrl }, { logger: false });
  onTestFinished(() => app.close());
  return app;
}

test("a real dump is proved whole or not, and what was restored from it serves after countersign restored", async () => {
  const postgres = await unpackDebianPostgres();
  const dataDir = await newFolder();
  const dumps = await newFolder();
  // The tools run as somebody else.
  await chmod(dumps, 0o755);
  const url = await postgres.newCluster();
  const app = appOn(url, dataDir);
  await app.ready();
  await newAccount(app);
  const before = await login(app);

  const check = (file: string): Promise<string> =>
    printedUnder({ PATH: `${postgres.path}:/usr/bin:/bin` }, "backup", file, "--check", "--database", url);
  const dump = join(dumps, "auth.dump");
  const whole = postgres.run("pg_dump", "--format=custom", url);
  await writeFile(dump, whole);
  expect(await check(dump)).toBe(`${dump} is whole.\n`);

  const cut = join(dumps, "cut.dump");
  await writeFile(cut, whole);
  await truncate(cut, whole.length - 100);
  await expect(check(cut)).rejects.toThrow(/the dump is not whole/);
  const empty = join(dumps, "empty.dump");
  await writeFile(empty, postgres.run("pg_dump", "--format=custom", await postgres.newCluster()));
  await expect(check(empty)).rejects.toThrow(/holds no data of users, sessions, audit/);
  await expect(check(join(import.meta.dirname, "backup.test.ts"))).rejects.toThrow(/is no dump/);
  await expect(
    printedUnder({ PATH: "/nowhere" }, "backup", dump, "--check", "--database", url),
  ).rejects.toThrow(/pg_restore is needed/);

  const elsewhere = await postgres.newCluster();
  postgres.run("pg_restore", `--dbname=${elsewhere}`, dump);
  const early = appOn(elsewhere, dataDir);
  await expect(early.ready()).rejects.toThrow(/countersign restored/);
  await printedUnder({}, "restored", "--yes", "--data-dir", dataDir, "--database", elsewhere);
  const restored = appOn(elsewhere, dataDir);
  await restored.ready();
  const me = (token: string) =>
    restored.inject({ url: "/me", headers: { authorization: `Bearer ${token}` } });
  expect((await me(before.access_token)).statusCode).toBe(401);
  expect((await me((await login(restored)).access_token)).statusCode).toBe(200);
}, 180_000);
