// Promotions of a real PostgreSQL, and databases that come from another cluster.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { followRevocations } from "../../src/revocations/follower.ts";
import { countersign, newFolder, printedBy, startServer } from "../cli/installations.ts";
import { startTcpProxy } from "../feed/tcp-proxy.ts";
import { obtainPgbouncer, startPgbouncer } from "../pgbouncer.ts";
import { type PostgresCluster, startPostgres } from "../postgres-cluster.ts";
import { openOn } from "./backends.ts";
import { newAccount, openSession } from "./fixtures.ts";

describe("the history of a PostgreSQL database", () => {
  let cluster: PostgresCluster;
  beforeAll(async () => {
    cluster = await startPostgres();
  }, 120_000);
  afterAll(() => cluster.destroy());

  test("a promotion draws one new epoch, whoever asks first, and followers take the list of it", async () => {
    const url = await cluster.newSchema();
    const stores = await Promise.all([1, 2, 3].map(() => openOn(url, { statementTimeoutMs: 20_000 })));
    const [store] = stores as [(typeof stores)[0]];
    const follower = await followRevocations({ log: store.revocations, database: store.database });
    onTestFinished(() => follower.close());
    const before = (await store.revocations.snapshot()).cursor.epoch;
    expect((await store.revocations.snapshot()).cursor.epoch).toBe(before);

    await cluster.promote();
    const epochs = new Set<string>();
    for (const one of stores) {
      // What is read first in the new timeline has its epoch, be it the list or what came after a cursor.
      await expect
        .poll(
          () =>
            one.ready().then(
              () => true,
              () => false,
            ),
          { timeout: 30_000 },
        )
        .toBe(true);
    }
    const asked = Array.from({ length: 64 }, (_, index) => stores[index % 3]?.revocations);
    for (const next of await Promise.all(asked.map((log) => log?.since({ epoch: before, number: 0 }, 10)))) {
      expect(next?.outcome).toBe("reset");
      epochs.add(next?.cursor.epoch ?? "");
    }
    expect(epochs.size).toBe(1);
    expect(epochs.has(before)).toBe(false);
    await expect.poll(() => follower.cursor().epoch, { timeout: 30_000 }).toBe([...epochs][0]);
    const again = await openOn(url);
    expect((await again.revocations.snapshot()).cursor.epoch).toBe([...epochs][0]);
  }, 120_000);

  test("on an earlier timeline than is written, nothing of the feed leaves", async () => {
    const store = await openOn(await cluster.newSchema());
    await sql`update journal set timeline = 1000`.execute(store.db);
    const refused = { code: "unavailable", message: /earlier timeline/ };
    await expect(store.revocations.snapshot()).rejects.toMatchObject({ code: refused.code });
    await expect(store.revocations.since({ epoch: "", number: 0 }, 1)).rejects.toThrow(refused.message);
  }, 60_000);

  test("a database of another cluster is opened by nobody until `countersign restored`, and a running instance tells nothing", async () => {
    const dataDir = await newFolder();
    const url = await cluster.newSchema();
    const server = await startServer(dataDir, url);
    const before = (await server.store.revocations.snapshot()).cursor.epoch;
    await sql`update journal set system_identifier = '1'`.execute(server.store.db);
    await expect(server.store.revocations.snapshot()).rejects.toMatchObject({
      code: "unknown_history",
      isTemporary: true,
    });
    await server.stop();

    await expect(startServer(dataDir, url)).rejects.toThrow(/Run: countersign restored/);
    const where = ["--data-dir", dataDir, "--database", url];
    await expect(printedBy("keys", "list", ...where)).rejects.toThrow(/Run: countersign restored/);
    expect(countersign("restored", "--yes", ...where)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("everybody logs in again"),
    });
    const again = await startServer(dataDir, url);
    expect((await again.store.revocations.snapshot()).cursor.epoch).not.toBe(before);
    await again.stop();
  }, 120_000);
});

const noPooler = obtainPgbouncer();

describe("a running instance whose connections lead to another cluster of the same address", () => {
  const password = randomBytes(16).toString("hex");
  let clusters: PostgresCluster[];
  beforeAll(async () => {
    clusters = await Promise.all([startPostgres({ password }), startPostgres({ password })]);
  }, 120_000);
  afterAll(() => Promise.all(clusters.map((cluster) => cluster.destroy())));

  test.each([
    { way: "directly", pooled: false },
    { way: "by a pooler", pooled: true },
  ])("answers nothing until they lead back: $way", { timeout: 120_000 }, async ({ pooled }) => {
    if (pooled && noPooler !== undefined) throw new TypeError(noPooler);
    const [here, elsewhere] = (await Promise.all(clusters.map((cluster) => cluster.newDatabase()))).map(
      (url) => {
        const { hostname: host, port } = new URL(url);
        return { host, port: Number(port), url };
      },
    );
    if (here === undefined || elsewhere === undefined) throw new TypeError("two clusters were started");
    const proxy = await startTcpProxy(here);
    onTestFinished(() => proxy.close());
    const url = new URL(here.url);
    url.port = String(proxy.port);
    const bouncer = pooled ? await startPgbouncer(url.href, "transaction") : undefined;
    onTestFinished(async () => bouncer?.stop());
    const store = await openOn(bouncer?.through(url.href) ?? url.href);
    const { id } = await newAccount(store);

    proxy.leadTo(elsewhere);
    const account = (): Promise<unknown> => store.accounts.get(id).catch((error: unknown) => error);
    await expect
      .poll(account, { timeout: 60_000 })
      .toMatchObject({ code: "unknown_history", isTemporary: true });
    await expect(openSession(store, id)).rejects.toMatchObject({ code: "unknown_history" });
    proxy.leadTo(here);
    await expect.poll(account, { timeout: 60_000 }).toMatchObject({ id });
  });
});
