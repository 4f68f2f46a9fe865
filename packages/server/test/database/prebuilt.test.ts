// Statements that are built once go past Kysely where the database is in this process: in the same order as all others.
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { backends } from "./backends.ts";
import { newAccount } from "./fixtures.ts";
import type { Store } from "./store.ts";

/** The name of an account, by a statement that is built once. */
function nameOn({ database: { db, prebuilt } }: Store) {
  return prebuilt(({ id }: { readonly id: string }) =>
    db.selectFrom("users").select("name").where("id", "=", id),
  );
}

class Undone extends Error {}

describe.each(backends)("a statement that is built once, on $name", ({ open }) => {
  test("sees what its own transaction has written, and from outside nothing that is not committed", async () => {
    const store = await open();
    const { db, change } = store.database;
    const { id } = await newAccount(store);
    const read = nameOn(store);
    let fromOutside: Promise<unknown> = Promise.resolve();
    const undone = change(async (one) => {
      await one.db.updateTable("users").set({ name: "Ada" }).where("id", "=", id).execute();
      fromOutside = read(db, { id });
      expect(await read(one.db, { id })).toEqual([{ name: "Ada" }]);
      await pause(20);
      throw new Undone();
    });
    await expect(undone).rejects.toThrow(Undone);
    expect(await fromOutside).toEqual([{ name: null }]);
  });

  test("waits behind the transactions that came before it, and is no part of one that comes after", async () => {
    const store = await open();
    const { db, change, prebuilt } = store.database;
    const { id } = await newAccount(store);
    const rename = prebuilt(({ name }: { readonly name: string }) =>
      db.updateTable("users").set({ name }).where("id", "=", id).returning("name"),
    );
    const renamed = rename(db, { name: "Ada" });
    const undone = change(async (one) => {
      await rename(one.db, { name: "Eve" });
      throw new Undone();
    });
    await expect(undone).rejects.toThrow(Undone);
    expect(await renamed).toEqual([{ name: "Ada" }]);
    expect(await nameOn(store)(db, { id })).toEqual([{ name: "Ada" }]);
  });

  test("is timed as the others are, and fails as they do", async () => {
    const told: string[] = [];
    const store = await open({
      onStatement: (seconds, outcome) => void (seconds >= 0 && told.push(outcome)),
    });
    const { db, prebuilt } = store.database;
    const account = await newAccount(store);
    told.length = 0;
    await nameOn(store)(db, { id: account.id });
    expect(told).toEqual(["done"]);
    const taken = prebuilt(({ id }: { readonly id: string }) =>
      db.updateTable("users").set({ email_key: account.email }).where("id", "=", id),
    );
    const other = await newAccount(store);
    told.length = 0;
    await expect(taken(db, { id: other.id })).rejects.toThrow(/unique/i);
    expect(told).toEqual(["failed"]);
  });
});
