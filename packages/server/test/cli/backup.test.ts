// Backups of real installations, taken while they serve, and what becomes of all that was issued before a restore.
import type { FastifyInstance } from "fastify";
import { copyFile, mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CountersignOptions, createApp } from "../../src/index.ts";
import { issuer, login, newAccount, openCookieSession, postForm } from "../app.ts";
import { openOn } from "../database/backends.ts";
import { countersign, newFolder, printedBy } from "./installations.ts";
import { newDatabaseUrl } from "../postgres.ts";

async function serve(dataDir: string, options: Partial<CountersignOptions> = {}): Promise<FastifyInstance> {
  const databaseUrl = `sqlite:${join(dataDir, "countersign.db")}`;
  const app = createApp({ issuer, dataDir, databaseUrl, ...options }, { logger: false });
  onTestFinished(() => app.close());
  await app.ready();
  return app;
}

/** An empty folder with the master key of an installation. */
async function emptyPlaceFor(dataDir: string): Promise<string> {
  const place = join(await newFolder(), "restored");
  await mkdir(place, { mode: 0o700 });
  await copyFile(join(dataDir, "master.key"), join(place, "master.key"));
  return place;
}

const me = (app: FastifyInstance, token: string) =>
  app.inject({ url: "/me", headers: { authorization: `Bearer ${token}` } });

const renew = (app: FastifyInstance, token: string) =>
  postForm(app, "/token", { grant_type: "refresh_token", client_id: "first-party", refresh_token: token });

const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { kid: string }).kid;

describe("countersign backup and restore", () => {
  test("of a server that serves: everything is back, and all that was issued before is refused", async () => {
    const dataDir = await newFolder();
    const app = await serve(dataDir);
    await newAccount(app);
    const before = await login(app);
    const cookie = await openCookieSession(app);
    const file = join(await newFolder(), "auth.backup");

    // Somebody logs in all the while.
    const done = new AbortController();
    const load = (async () => {
      while (!done.signal.aborted) await login(app);
    })();
    const printed = await printedBy("backup", file, "--data-dir", dataDir);
    done.abort();
    await load;
    expect(printed).toMatch(/holds the backup: \d+ bytes/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file)).includes("ada@example.com")).toBe(false);
    expect((await readdir(dataDir)).filter((name) => name.includes("unfinished"))).toEqual([]);
    expect(await printedBy("backup", file, "--check", "--data-dir", dataDir)).toBe(`${file} is whole.\n`);
    await expect(printedBy("backup", file, "--data-dir", dataDir)).rejects.toThrow(
      /there is something of this name already/,
    );

    // What the backup does not know.
    const after = await login(app);
    const newestToken = (await renew(app, after.refresh_token)).json<typeof after>();
    const [{ cursor: oldCursor }] = [(await app.inject("/revocations")).json<{ cursor: string }>()];
    await app.close();

    const place = await emptyPlaceFor(dataDir);
    const told = await printedBy("restore", file, "--data-dir", place);
    expect(told).toMatch(/everybody logs in again/);
    expect(told).toMatch(/passwords that were changed since, of 1 account with one/);
    expect(await readdir(place)).toEqual(["countersign.db", "master.key"]);
    expect((await stat(join(place, "countersign.db"))).mode & 0o777).toBe(0o600);

    const restored = await serve(place);
    for (const { access_token: token } of [before, after, newestToken])
      expect((await me(restored, token)).statusCode).toBe(401);
    for (const { refresh_token: token } of [before, after, newestToken])
      expect((await renew(restored, token)).statusCode).toBe(400);
    const byCookie = await restored.inject({
      url: "/me",
      headers: { cookie: `__Host-session=${cookie}`, "sec-fetch-site": "same-origin" },
    });
    expect(byCookie.statusCode).toBe(401);
    const { cursor } = (await restored.inject("/revocations")).json<{ cursor: string }>();
    expect(cursor.split(".")[0]).not.toBe(oldCursor.split(".")[0]);

    const again = await login(restored);
    expect(kidOf(again.access_token)).not.toBe(kidOf(before.access_token));
    await expect.poll(async () => (await me(restored, again.access_token)).statusCode).toBe(200);
    expect(await printedBy("audit", "verify", "--data-dir", place)).toMatch(/is whole/);
    expect(await printedBy("audit", "export", "--data-dir", place)).toMatch(
      /"backup_made"[^]*"key_revoked"[^]*"everything_revoked"[^]*"restored"/,
    );
    await restored.close();
    // What challenges, links and device tokens are bound to is what no lost history can have reached.
    const store = await openOn(`sqlite:${join(place, "countersign.db")}`);
    const account = await store.accounts.findByEmail("ada@example.com");
    const halfAMinuteAgo = Date.now() / 1000 - 30;
    expect(account?.deviceEpoch).toBeGreaterThan(halfAMinuteAgo);
    expect(account?.passwordVersion).toBeGreaterThan(halfAMinuteAgo);
  }, 180_000);

  test("of an installation that does not serve, and a place that is not empty, or a file that is not whole, is left as it is", async () => {
    const dataDir = await newFolder();
    const app = await serve(dataDir);
    await newAccount(app);
    await app.close();
    const file = join(await newFolder(), "auth.backup");
    const { bytes } = JSON.parse(await printedBy("backup", file, "--json", "--data-dir", dataDir)) as {
      bytes: number;
    };
    expect((await stat(file)).size).toBe(bytes);
    await expect(printedBy("restore", file, "--data-dir", dataDir)).rejects.toThrow(/is there already/);

    const place = await emptyPlaceFor(dataDir);
    const cut = join(place, "cut.backup");
    await copyFile(file, cut);
    await truncate(cut, bytes - 100);
    const left = async () => (await readdir(place)).toSorted();
    await expect(printedBy("restore", cut, "--data-dir", place)).rejects.toThrow(/damaged or cut off/);
    await expect(printedBy("backup", cut, "--check", "--data-dir", place)).rejects.toThrow(
      /damaged or cut off/,
    );
    await writeFile(cut, "something else");
    await expect(printedBy("restore", cut, "--data-dir", place)).rejects.toThrow(/no backup of Countersign/);
    await expect(printedBy("restore", join(place, "none"), "--data-dir", place)).rejects.toThrow(
      /there is no such file/,
    );
    expect(await left()).toEqual(["cut.backup", "master.key"]);

    const stranger = await newFolder();
    await (await serve(stranger)).close();
    const strange = await emptyPlaceFor(stranger);
    await expect(printedBy("restore", file, "--data-dir", strange)).rejects.toThrow(/another master key/);
    expect(await readdir(strange)).toEqual(["master.key"]);
    const keyless = await newFolder();
    await expect(printedBy("restore", file, "--data-dir", keyless)).rejects.toMatchObject({
      code: "master_key_missing",
    });
    expect(await readdir(keyless)).toEqual([]);
  }, 180_000);

  test("on PostgreSQL say which tool it is", async () => {
    const url = "postgres://nobody@127.0.0.1:1/none";
    expect(countersign("backup", "auth.dump", "--database", url)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/pg_dump --format=custom --file=auth.dump[^]*--check/),
    });
    await expect(printedBy("restore", "auth.dump", "--database", url)).rejects.toThrow(
      /pg_restore .* auth.dump\n.*countersign restored/,
    );
  });
});

describe("countersign restored", () => {
  test("refuses on PostgreSQL what was issued before, and with --keep-sessions leaves sessions alone, but no key and no code", async () => {
    const dataDir = await newFolder();
    const url = await newDatabaseUrl("database");
    const app = await serve(dataDir, { databaseUrl: url });
    await newAccount(app);
    const first = await login(app);
    const where = ["--data-dir", dataDir, "--database", url];
    await expect(printedBy("restored", ...where)).rejects.toThrow(/say --yes/);

    const kept = JSON.parse(await printedBy("restored", "--keep-sessions", "--yes", "--json", ...where)) as {
      revoked_keys: string[];
    };
    expect(kept).toMatchObject({ kept_sessions: true, ended_sessions: 0 });
    expect(kept.revoked_keys).toEqual([kidOf(first.access_token)]);
    await expect.poll(async () => (await me(app, first.access_token)).statusCode).toBe(401);
    let second = first;
    // A server that runs beside the command follows within a second.
    await expect
      .poll(async () => {
        second = (await renew(app, second.refresh_token)).json<typeof first>();
        return kidOf(second.access_token);
      })
      .not.toBe(kidOf(first.access_token));

    const done = JSON.parse(await printedBy("restored", "--yes", "--json", ...where)) as object;
    expect(done).toMatchObject({ kept_sessions: false, ended_sessions: 1, came_back: { accounts: 1 } });
    expect((await renew(app, second.refresh_token)).statusCode).toBe(400);
    await expect.poll(async () => (await me(app, second.access_token)).statusCode).toBe(401);
    await expect.poll(async () => (await me(app, (await login(app)).access_token)).statusCode).toBe(200);
    expect(await printedBy("audit", "verify", ...where)).toMatch(/is whole/);
  }, 180_000);
});
