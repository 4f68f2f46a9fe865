// How much there is of everything, at a price that does not grow with it.
import { describe, expect, test } from "vitest";
import { createStatistics } from "../../src/admin/statistics.ts";
import { createStatisticsStore } from "../../src/admin/statistics-store.ts";
import { backends } from "../database/backends.ts";
import { newAccount, openSession } from "../database/fixtures.ts";

const limits = { graceSeconds: 10, idleSeconds: 3600, absoluteSeconds: 86_400, perUser: 100 };

describe.each(backends)("on $name", ({ open }) => {
  test("what is beyond the bound is estimated, and a session that is over is not counted", async () => {
    const store = await open();
    for (let made = 0; made < 8; made += 1) {
      const { id } = await newAccount(store);
      const { sid } = await openSession(store, id);
      await openSession(store, id);
      await store.sessions.end({ sid }, "logout");
    }
    const exact = createStatisticsStore(store.database, limits);
    expect(await exact.accounts()).toEqual({ count: 8, is_exact: true });
    expect(await exact.sessions()).toEqual({ count: 8, is_exact: true });
    const bounded = createStatisticsStore(store.database, limits, { mostCounted: 4, sampleSize: 16 });
    expect((await bounded.accounts()).count).toBeGreaterThanOrEqual(5);
    expect((await bounded.accounts()).is_exact).toBe(store.database.dialect === "sqlite");
    expect((await bounded.sessions()).is_exact).toBe(false);
  });
});

test("however many ask, rows are counted once a minute; whoever asks after a failure counts again", async () => {
  let counted = 0;
  const statistics = createStatistics({
    store: {
      async accounts() {
        counted += 1;
        if (counted === 1) throw new TypeError("the database is away");
        return { count: 3, is_exact: true };
      },
      sessions: async () => ({ count: 2, is_exact: true }),
    },
    instances: {
      all: async () =>
        ["one", "two"].map((id) => ({
          id,
          version: "0.0.0",
          started_at: "2026-01-01T00:00:00.000Z",
          followers: [],
          deployment: {
            issuer: "https://auth.example.com",
            guesses_per_source: 100,
            guesses_per_account: 10,
            dev_mail: false,
            sends_mail: true,
          },
          logins: {
            seconds: 60,
            succeeded: 1,
            failed: { invalid_credentials: 2, ...(id === "two" && { disabled: 1 }) },
          },
        })),
    },
  });
  await expect(statistics()).rejects.toThrow("away");
  const answers = await Promise.all(Array.from({ length: 64 }, statistics));
  expect(counted).toBe(2);
  expect(answers[0]).toMatchObject({
    accounts: { count: 3 },
    instances: 2,
    logins: { seconds: 60, succeeded: 2, failed: { invalid_credentials: 4, disabled: 1 } },
  });
});
