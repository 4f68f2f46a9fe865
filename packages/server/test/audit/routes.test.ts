import { expect, test } from "vitest";
import { bearer, login, newAccount, openCookieSession, startApp } from "../app.ts";

test("people see what the trail says of their own account, newest first, and of nobody else's", async () => {
  const app = await startApp();
  await newAccount(app, "ada");
  await newAccount(app, "bob");
  await login(app, "bob@example.com");
  const tokens = await login(app, "ada@example.com");
  const response = await app.inject({ url: "/me/activity", headers: bearer(tokens) });
  expect(response.statusCode).toBe(200);
  expect(response.headers["cache-control"]).toBe("no-store");
  const { activity } = response.json<{ activity: { seq: number; event: string; at: string }[] }>();
  expect(activity.map(({ event }) => event)).toEqual(["session_opened", "account_created"]);
  expect(activity[0]).toMatchObject({ at: expect.stringMatching(/^\d{4}-.*Z$/) as string });
  expect(activity[0]).not.toHaveProperty("hash");

  const cookie = `__Host-session=${await openCookieSession(app, "bob@example.com")}`;
  const page = await app.inject({ url: "/me/activity?limit=1", headers: { cookie } });
  expect(page.json()).toMatchObject({ activity: [{ event: "session_opened", detail: { kind: "cookie" } }] });
  const [newest] = page.json<{ activity: { seq: number }[] }>().activity;
  const older = await app.inject({ url: `/me/activity?before=${newest?.seq}`, headers: { cookie } });
  expect(older.json<{ activity: { event: string }[] }>().activity.map(({ event }) => event)).toEqual([
    "session_opened",
    "account_created",
  ]);
});

test("strangers, and pages of no size, are refused", async () => {
  const app = await startApp();
  expect((await app.inject("/me/activity")).statusCode).toBe(401);
  await newAccount(app);
  const headers = bearer(await login(app));
  for (const query of ["limit=0", "limit=101", "limit=a", "before=0", "user=bob", "limit=1&limit=2"])
    expect((await app.inject({ url: `/me/activity?${query}`, headers })).statusCode).toBe(400);
});
