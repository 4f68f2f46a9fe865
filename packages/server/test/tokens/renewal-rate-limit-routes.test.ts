import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { createApp } from "../../src/app.ts";
import type { CountersignOptions } from "../../src/settings/countersign-options.ts";
import { newPostgresUrl } from "../postgres.ts";

const account = { email: "ada@example.com", password: "tangerine violin ledger" };
const backends = [
  { backend: "SQLite", newUrl: async () => "sqlite::memory:" },
  { backend: "PostgreSQL", newUrl: newPostgresUrl },
];

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

describe.each(backends)("POST /token on $backend", ({ newUrl }) => {
  let url: string;

  async function start(options: Partial<CountersignOptions> = {}): Promise<FastifyInstance> {
    const app = createApp(
      {
        issuer: "https://api.example.com",
        databaseUrl: await newUrl(),
        masterKey: randomBytes(32).toString("base64url"),
        ...options,
      },
      { logger: false },
    );
    onTestFinished(() => app.close());
    url = await app.listen({ host: "127.0.0.1", port: 0 });
    await post("/signup", account);
    return app;
  }

  function post(path: string, body: object): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  const logIn = async (): Promise<Tokens> => (await (await post("/login", account)).json()) as Tokens;
  const renew = (refreshToken: string): Promise<Response> => {
    const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
    return fetch(`${url}/token`, { method: "POST", body });
  };
  const renewed = async ({ refresh_token: token }: Tokens): Promise<Tokens> => {
    const response = await renew(token);
    expect(response.status).toBe(200);
    return (await response.json()) as Tokens;
  };

  test("RR-10: answers 64 at once with one token, and 120; the next is told when to come back, and then let in", async () => {
    await start();
    const tokens = await logIn();
    const another = await logIn();
    const startedAtMs = performance.now();
    for (const count of [64, 56]) {
      const answers = await Promise.all(Array.from({ length: count }, () => renew(tokens.refresh_token)));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: count }, () => 200));
      const successors = await Promise.all(
        answers.map(async (answer) => ((await answer.json()) as Tokens).refresh_token),
      );
      expect(new Set(successors).size).toBe(1);
    }
    // Places that came free meanwhile.
    const free = Math.ceil((performance.now() - startedAtMs) / 2000);
    const answers = await Promise.all(Array.from({ length: free + 3 }, () => renew(tokens.refresh_token)));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(refused?.headers.get("cache-control")).toBe("no-store");
    expect(await refused?.json()).toEqual({
      error: "slow_down",
      error_description: "This session is renewed too often.",
    });
    // Whoever else renews does not notice.
    await renewed(another);

    const retryAfterSeconds = Number(refused?.headers.get("retry-after"));
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect(retryAfterSeconds).toBeLessThanOrEqual(2);
    await new Promise((resolve) => setTimeout(resolve, retryAfterSeconds * 1000));
    await renewed(tokens);
  });

  test("RR-10: asks the store nothing beyond the limit: what it would have done is not done", async () => {
    const app = await start({ renewalsPerMinute: 1 });
    let tokens = await logIn();
    for (let count = 0; count < 4; count += 1) tokens = await renewed(tokens);
    const sessions = async (): Promise<unknown[]> =>
      (await sql`select * from sessions`.execute(app.auth.database)).rows;
    const before = await sessions();
    const refused = await renew(tokens.refresh_token);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(await sessions()).toEqual(before);
  });

  test("RR-03: still notices an old token of a session that a thief renews in a loop", async () => {
    await start({ renewalsPerMinute: 1 });
    const owners = await logIn();
    let stolen = owners;
    for (let count = 0; count < 4; count += 1) stolen = await renewed(stolen);
    expect((await renew(stolen.refresh_token)).status).toBe(429);
    const noticed = await renew(owners.refresh_token);
    expect([noticed.status, await noticed.json()]).toMatchObject([400, { error: "invalid_grant" }]);
    const headers = { authorization: `Bearer ${stolen.access_token}` };
    expect((await fetch(`${url}/me`, { headers })).status).toBe(401);
  });

  test("RS-02 RR-10: forged tokens of a session use up none of its renewals", async () => {
    await start({ renewalsPerMinute: 1 });
    const tokens = await logIn();
    const forged = Buffer.from(tokens.refresh_token, "base64url");
    for (let count = 0; count < 200; count += 1) {
      randomBytes(32).copy(forged, forged.length - 32);
      expect((await renew(forged.toString("base64url"))).status).toBe(400);
    }
    await renewed(tokens);
  });

  test("RR-10: has no limit where it is to have none", async () => {
    await start({ renewalsPerMinute: null });
    let tokens = await logIn();
    for (let count = 0; count < 130; count += 1) tokens = await renewed(tokens);
  });
});
