// What an operator sees of all instances on one database, whichever is asked.
import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { issuer, login, newAccount, newApp, password } from "../app.ts";
import { newFolder, printedBy, printedUnder } from "../cli/installations.ts";
import { openEventSource } from "../feed/event-source.ts";
import { newPostgresUrl } from "../postgres.ts";

const secret = randomBytes(32).toString("base64url");
const masterKey = randomBytes(32).toString("base64url");
const named = { authorization: `Basic ${Buffer.from(`posts:${secret}`).toString("base64")}` };

async function startInstances(database: string): Promise<{
  readonly apps: readonly FastifyInstance[];
  readonly printed: (...args: string[]) => Promise<string>;
}> {
  const isSqlite = database === "SQLite";
  const dataDir = await newFolder();
  const databaseUrl = isSqlite ? `sqlite:${dataDir}/countersign.db` : await newPostgresUrl();
  const apps: FastifyInstance[] = [];
  for (let count = isSqlite ? 1 : 2; count > 0; count -= 1) {
    const options = { issuer, databaseUrl, dataDir, masterKey, feedFollowers: { posts: secret } };
    const app = newApp(options);
    onTestFinished(() => app.close());
    await app.listen({ host: "127.0.0.1", port: 0 });
    apps.push(app);
  }
  const where = { COUNTERSIGN_MASTER_KEY: masterKey, COUNTERSIGN_DATABASE_URL: databaseUrl };
  return { apps, printed: (...args) => printedUnder(where, ...args) };
}

async function follow(app: FastifyInstance, headers: Readonly<Record<string, string>> = {}) {
  const source = await openEventSource(`${app.listeningOrigin}/revocations`, undefined, headers);
  onTestFinished(() => source.close());
  return source;
}

describe.each(["SQLite", "PostgreSQL"])("on %s", (database) => {
  test("followers, logins and counts of every instance are seen at each, and by the command", async () => {
    const { apps, printed } = await startInstances(database);
    const [first, last] = [apps[0], apps.at(-1)] as [FastifyInstance, FastifyInstance];
    await newAccount(first);
    await newAccount(first, "eve");
    await first.auth.database
      .updateTable("users" as never)
      .set({ roles: '["user","admin"]' } as never)
      .where("email" as never, "=", "ada@example.com" as never)
      .execute();
    const { access_token: token } = await login(first);
    await last.inject({
      method: "POST",
      url: "/login",
      payload: { email: "ada@example.com", password: `not ${password}` },
    });
    await follow(first, named);
    const stranger = await follow(last);

    const get = async (url: string) =>
      (await last.inject({ url, headers: { authorization: `Bearer ${token}` } })).json();
    await expect.poll(async () => (await get("/admin/followers")).total, { timeout: 20_000 }).toBe(2);
    const { followers } = await get("/admin/followers");
    expect(followers).toContainEqual({
      instance: expect.any(String),
      name: "posts",
      address: null,
      since: expect.stringMatching(/^20.*Z$/),
      cursor: expect.stringMatching(/^[\w-]+\.\d+$/),
      behind: 0,
      lag_seconds: 0,
    });
    expect(followers).toContainEqual(expect.objectContaining({ name: null, address: "127.0.0.1" }));
    const each = followers.map(({ instance }: { instance: string }) => instance);
    expect(new Set(each).size).toBe(apps.length);
    await expect
      .poll(() => get("/admin/statistics"), { timeout: 20_000 })
      .toMatchObject({
        accounts: { count: 2, is_exact: true },
        sessions: { count: 1, is_exact: true },
        instances: apps.length,
        followers: 2,
        logins: { succeeded: 1, failed: { invalid_credentials: 1 } },
      });

    await expect
      .poll(async () => JSON.parse(await printed("followers", "--json")), { timeout: 20_000 })
      .toMatchObject({
        total: 2,
        followers: expect.arrayContaining([expect.objectContaining({ name: "posts" })]),
      });
    expect(await printed("followers")).toMatch(
      /^FOLLOWER +SINCE +CURSOR +BEHIND +LAG +INSTANCE\n(?:.*\n)?posts +20\S+Z +\S+\.\d+ +0 +0 s +\S{22}\n/,
    );
    stranger.close();
    await expect.poll(async () => (await get("/admin/followers")).total, { timeout: 20_000 }).toBe(1);
    // Whoever stops is gone at once, not when its report is old.
    for (const app of apps) await app.close();
    expect(await printed("followers")).toBe("Nobody follows the revocation feed by a stream.\n");
  }, 120_000);
});

test("where there is no installation, the command says so", async () => {
  await expect(printedBy("followers", "--data-dir", await newFolder())).rejects.toThrow(
    "there is no installation",
  );
});
