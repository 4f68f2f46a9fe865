// Opening a database: its file, its lock, its tables.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrate } from "../../src/database/migrate.ts";
import type { Migration } from "../../src/database/migration.ts";
import { openStore } from "./store.ts";
import { newPostgresUrl } from "../postgres.ts";
import { backends } from "./backends.ts";
import { newAccount, times } from "./fixtures.ts";

describe("an SQLite file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "countersign-opening-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("KM-04: is made for its owner's eyes, its folder and write-ahead log too", async () => {
    const path = join(folder, "new", "store.db");
    const store = await openStore({ url: `sqlite:${path}` });
    await newAccount(store);
    expect(readdirSync(join(folder, "new")).toSorted()).toEqual(["store.db", "store.db-wal"]);
    expect(statSync(join(folder, "new")).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    await store.close();
  });

  test("KM-04: is refused while others can read it, with the command that helps", async () => {
    const path = join(folder, "store.db");
    await (await openStore({ url: `sqlite:${path}` })).close();
    chmodSync(path, 0o640);
    await expect(openStore({ url: `sqlite:${path}` })).rejects.toMatchObject({
      code: "unsafe_permissions",
      message: expect.stringContaining(`chmod 600 ${path}`),
    });
  });

  test.each(["-wal", "-shm", "-journal"])(
    "KM-04: is refused while others can read what lies beside it: %s",
    async (suffix) => {
      const path = join(folder, "store.db");
      await (await openStore({ url: `sqlite:${path}` })).close();
      writeFileSync(path + suffix, "", { mode: 0o644 });
      await expect(openStore({ url: `sqlite:${path}` })).rejects.toMatchObject({
        code: "unsafe_permissions",
        message: expect.stringContaining(`chmod 600 ${path}${suffix}`),
      });
      chmodSync(path + suffix, 0o600);
      await (await openStore({ url: `sqlite:${path}` })).close();
    },
  );

  test("KM-04: is refused as a symbolic link, one that leads nowhere too, and nothing is made", async () => {
    const path = join(folder, "store.db");
    const target = join(folder, "elsewhere.db");
    symlinkSync(target, path);
    const refusal = { code: "unsafe_permissions", message: expect.stringContaining("symbolic link") };
    await expect(openStore({ url: `sqlite:${path}` })).rejects.toMatchObject(refusal);
    expect(existsSync(target)).toBe(false);
    await (await openStore({ url: `sqlite:${target}` })).close();
    await expect(openStore({ url: `sqlite:${path}` })).rejects.toMatchObject(refusal);
    for (const suffix of ["-wal", "-shm", "-journal"]) {
      const companion = target + suffix;
      symlinkSync(join(folder, "nowhere"), companion);
      await expect(openStore({ url: `sqlite:${target}` })).rejects.toMatchObject(refusal);
      rmSync(companion);
    }
  });

  // Only root can give a file away.
  test.skipIf(process.geteuid?.() !== 0).each(["-wal", "-shm", "-journal"])(
    "KM-04: is refused while a file of another user lies beside it: %s",
    async (suffix) => {
      const path = join(folder, "store.db");
      writeFileSync(path + suffix, "", { mode: 0o600 });
      chownSync(path + suffix, 12_345, 12_345);
      await expect(openStore({ url: `sqlite:${path}` })).rejects.toMatchObject({
        code: "unsafe_permissions",
        message: expect.stringContaining(`${path}${suffix} belongs to another user (uid 12345)`),
      });
    },
  );

  test("KM-04: is refused in a folder that every user can write to, unless it is sticky as /tmp is", async () => {
    const open = join(folder, "open");
    mkdirSync(open);
    const url = `sqlite:${join(open, "store.db")}`;
    chmodSync(open, 0o777);
    await expect(openStore({ url })).rejects.toMatchObject({
      code: "unsafe_permissions",
      message: expect.stringContaining(`chmod 700 ${open}`),
    });
    expect(readdirSync(open)).toEqual([]);
    for (const mode of [0o1777, 0o770, 0o700]) {
      chmodSync(open, mode);
      await (await openStore({ url })).close();
    }
  });

  test("MI-05: is durable and checked: WAL, synchronous=FULL, foreign keys, an exclusive lock", async () => {
    const store = await openStore({ url: `sqlite:${join(folder, "store.db")}` });
    const read = async (pragma: string): Promise<unknown> => {
      const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(pragma)}`.execute(store.db);
      return Object.values(rows[0] ?? {})[0];
    };
    expect(await read("journal_mode")).toBe("wal");
    expect(await read("synchronous")).toBe(2);
    expect(await read("foreign_keys")).toBe(1);
    expect(await read("locking_mode")).toBe("exclusive");
    await store.close();
  });

  test("MI-05: is refused to a second process at once, and free again after kill -9 of the first", async () => {
    const path = join(folder, "store.db");
    const first = spawn(
      process.execPath,
      ["--conditions=@countersign/source", join(import.meta.dirname, "holder.ts"), `sqlite:${path}`],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(first.stdout, "data");

    const before = performance.now();
    await expect(openStore({ url: `sqlite:${path}` })).rejects.toMatchObject({
      code: "locked_by_other_process",
      message: `The SQLite database ${path} is open in another process. Stop that one first, or use PostgreSQL to run several.`,
    });
    expect(performance.now() - before).toBeLessThan(500);

    first.kill("SIGKILL");
    await once(first, "exit");
    const store = await openStore({ url: `sqlite:${path}` });
    // What the first had acknowledged is there.
    const found = await store.accountSearch.search({ query: { by: "age" }, limit: 10 });
    expect(found.accounts).toHaveLength(1);
    await store.close();
  });

  test("MI-05: is refused to a second store in the same process, which does not free the first one's lock", async () => {
    const url = `sqlite:${join(folder, "store.db")}`;
    const store = await openStore({ url });
    await expect(openStore({ url })).rejects.toMatchObject({ code: "locked_by_other_process" });
    await expect(openStore({ url })).rejects.toMatchObject({ code: "locked_by_other_process" });
    await newAccount(store);
    await store.close();
    await (await openStore({ url })).close();
  });

  test("that is no database, a folder, or in a folder that cannot be made, is refused with its name", async () => {
    const path = join(folder, "text.db");
    writeFileSync(path, "not a database, but long enough to look like one".repeat(100), { mode: 0o600 });
    await expect(openStore({ url: `sqlite:${path}` })).rejects.toMatchObject({
      code: "not_a_database",
      message: expect.stringContaining(path),
    });
    await expect(openStore({ url: `sqlite:${folder}` })).rejects.toMatchObject({ code: "cannot_open" });
    const below = join(path, "store.db");
    await expect(openStore({ url: `sqlite:${below}` })).rejects.toMatchObject({
      code: "cannot_open",
      message: expect.stringContaining(below),
    });
  });

  test("is not made for a URL of another kind", async () => {
    await expect(openStore({ url: join(folder, "store.db") })).rejects.toThrow(TypeError);
    await expect(openStore({ url: "sqlite:" })).rejects.toThrow(TypeError);
    expect(existsSync(join(folder, "store.db"))).toBe(false);
  });
});

describe.each(backends)("the tables on $name", (backend) => {
  test("an app's own may stand beside ours and refer to them", async () => {
    const store = await backend.open();
    const account = await newAccount(store);
    await sql`create table notes (author_id text not null references users (id) on delete cascade)`.execute(
      store.db,
    );
    const db = store.db.withTables<{ notes: { author_id: string } }>();
    await db.insertInto("notes").values({ author_id: account.id }).execute();
    await store.accounts.delete(account.id);
    expect(await db.selectFrom("notes").selectAll().execute()).toEqual([]);
  });

  test("the feed and the trail start empty", async () => {
    const store = await backend.open();
    const cursor = { epoch: expect.stringMatching(/^[\w-]{12}$/) as string, number: 0 };
    const empty = { cursor, tokensBefore: null, sessions: [], keys: [] };
    expect(await store.revocations.snapshot()).toEqual(empty);
    expect(await store.audit.verifyChain()).toMatchObject({ outcome: "intact", rows: 0 });
  });

  test("migrations run once, in order, and all of a failed start is undone", async () => {
    const store = await backend.open();
    const steps: string[] = [];
    const adding = (name: string): Migration => ({
      name,
      async up(db) {
        steps.push(name);
        await sql`create table ${sql.table(name)} (id integer)`.execute(db);
      },
    });
    const failing: Migration = {
      name: "failing",
      up: () => Promise.reject(new TypeError("the second half")),
    };
    const attempt = migrate(store.db, store.dialect, [adding("first"), failing]);
    await expect(attempt).rejects.toThrow("the second half");
    await expect(sql`select * from first`.execute(store.db)).rejects.toThrow(/first/);

    await migrate(store.db, store.dialect, [adding("first"), adding("second")]);
    await migrate(store.db, store.dialect, [adding("first"), adding("second"), adding("third")]);
    expect(steps).toEqual(["first", "first", "second", "third"]);
  });
});

describe("instances that start together", () => {
  test("MI-01: of 8 on PostgreSQL one makes the tables, and all find them", async () => {
    const url = await newPostgresUrl();
    const stores = await Promise.all(times(8, () => openStore({ url, statementTimeoutMs: 20_000 })));
    const accounts = await Promise.all(stores.map((store) => newAccount(store)));
    expect(new Set(accounts.map((account) => account.id)).size).toBe(8);
    await Promise.all(stores.map((store) => store.close()));
  });

  test("MI-04: may be of two releases, the earlier one beside tables of the later", async () => {
    const url = await newPostgresUrl();
    const later = await openStore({ url });
    await migrate(later.db, "postgres", [{ name: "9999-later", up: async () => {} }]);
    const store = await openStore({ url });
    await newAccount(store);
    await Promise.all([store.close(), later.close()]);
  });
});
