// What was revoked, as an operator reads it: newest first, a page at a time, whoever may follow the feed.
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { createRevocationListing } from "../../src/revocations/listing.ts";
import { bearer, login, newAccount, startApp } from "../app.ts";
import { backends } from "../database/backends.ts";
import { newAccount as newStoredAccount, openSession } from "../database/fixtures.ts";

describe.each(backends)("on $name", ({ open }) => {
  test("every entry comes once, in pages that go back", async () => {
    const store = await open();
    const { id } = await newStoredAccount(store);
    const ended: string[] = [];
    for (let number = 0; number < 7; number += 1) {
      const { sid } = await openSession(store, id);
      await store.sessions.end({ sid }, "logout");
      ended.push(sid);
    }
    const list = createRevocationListing(store.database);
    const seen: (string | null)[] = [];
    for (let before = Number.MAX_SAFE_INTEGER; ;) {
      const page = await list({ before, limit: 3 });
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(3);
      seen.push(...page.map(({ sid }) => sid));
      before = page.at(-1)?.seq ?? 0;
    }
    expect(seen).toEqual(ended.toReversed());
  });
});

test("GET /admin/revocations shows a log-out that just happened, and takes no page that is none", async () => {
  const app = await startApp({ admin: true });
  await newAccount(app, "ada");
  await sql`update users set roles = '["admin"]'`.execute(app.auth.database);
  const admin = bearer(await login(app));
  await newAccount(app, "eve");
  const tokens = await login(app, "eve@example.com");
  expect(
    await app.inject({ method: "POST", url: "/logout", headers: bearer(tokens), payload: {} }),
  ).toMatchObject({
    statusCode: 204,
  });
  const listed = await app.inject({ url: "/admin/revocations?limit=1", headers: admin });
  expect(listed).toMatchObject({ statusCode: 200, headers: { "cache-control": "no-store" } });
  const { revocations } = listed.json<{ revocations: { number: number; sid: string }[] }>();
  const [newest] = revocations;
  expect(revocations).toHaveLength(1);
  expect(newest).toEqual({
    number: expect.any(Number),
    sid: expect.any(String),
    kid: null,
    // All of a session that is over.
    tokens_before: expect.stringMatching(/^\d{4}-.*Z$/),
    expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  const older = await app.inject({ url: `/admin/revocations?before=${newest?.number}`, headers: admin });
  expect(older.json<{ revocations: { sid: string }[] }>().revocations.map(({ sid }) => sid)).not.toContain(
    newest?.sid,
  );
  for (const query of ["limit=0", "limit=1000000", "before=0", "before=x", "after=1"]) {
    const refused = await app.inject({ url: `/admin/revocations?${query}`, headers: admin });
    expect([query, refused.statusCode]).toEqual([query, 400]);
  }
});
