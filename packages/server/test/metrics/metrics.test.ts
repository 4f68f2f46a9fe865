import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { CountersignOptions } from "../../src/settings/countersign-options.ts";
import { counters, gauges, histograms, processMetrics } from "../../src/metrics/table.ts";
import { bearer, login, newAccount, openCookieSession, password, postForm, renew, startApp } from "../app.ts";
import { type Family, parseExposition, valueOf } from "./exposition.ts";

const tables = { ...counters, ...histograms, ...gauges };

async function startMeasured(options: Partial<CountersignOptions> = {}) {
  const log: string[] = [];
  const app = await startApp(
    { metricsPort: 0, ...options },
    { logger: { stream: { write: (line: string) => void log.push(line) } } },
  );
  const [, url = ""] = /Metrics at ([^"]+)"/.exec(log.join("")) ?? [];
  return {
    app,
    url,
    log,
    async scrape(): Promise<ReadonlyMap<string, Family>> {
      return parseExposition(await (await fetch(url)).text());
    },
  };
}

describe("the metrics", () => {
  test("are what the table names, with these labels, in the text format of Prometheus", async () => {
    const { app, url, scrape } = await startMeasured();
    await newAccount(app);
    const tokens = await login(app);
    await renew(app, tokens.refresh_token);
    const response = await fetch(url);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const families = await scrape();
    const own = [...families].filter(([name]) => name.startsWith("countersign_"));
    expect(own.map(([name]) => name).toSorted()).toEqual(Object.keys(tables).toSorted());
    for (const [name, { samples, help }] of own) {
      const { labels = {}, help: written } = tables[name as keyof typeof tables];
      expect(help).toBe(written);
      for (const sample of samples)
        expect(
          Object.keys(sample.labels)
            .filter((label) => label !== "le")
            .toSorted(),
        ).toEqual(Object.keys(labels).toSorted());
    }
    const others = [...families.keys()].filter((name) => !name.startsWith("countersign_"));
    const unnamed = others.filter(
      (name) => !Object.keys(processMetrics).some((known) => name.startsWith(known)),
    );
    expect(unnamed).toEqual([]);
    expect(others).toContain("nodejs_eventloop_lag_p99_seconds");
  });

  test("count logins, proofs, renewals and what was throttled by how they ended", async () => {
    const { app, scrape } = await startMeasured({ guessesPerAccount: 2 });
    await newAccount(app);
    const first = await login(app);
    await openCookieSession(app);
    const again = (await renew(app, first.refresh_token)).json() as { refresh_token: string };
    await renew(app, first.refresh_token);
    await renew(app, again.refresh_token);
    // Two generations back: a copy.
    await renew(app, first.refresh_token);
    await renew(app, randomBytes(40).toString("base64url"));
    const tokens = await login(app);
    const wrong = { email: "ada@example.com", password: "another violin ledger" };
    await app.inject({
      method: "DELETE",
      url: "/me",
      headers: bearer(tokens),
      payload: { current_password: wrong.password },
    });
    for (let round = 0; round < 4; round += 1)
      await app.inject({ method: "POST", url: "/login", payload: wrong });

    const families = await scrape();
    const count = (name: string, labels: Record<string, string>): number => valueOf(families, name, labels);
    expect(count("countersign_logins_total", { outcome: "succeeded" })).toBe(3);
    expect(count("countersign_logins_total", { outcome: "invalid_credentials" })).toBe(2);
    expect(count("countersign_logins_total", { outcome: "too_many_attempts" })).toBe(2);
    expect(count("countersign_throttled_total", { by: "account" })).toBe(2);
    expect(count("countersign_password_proofs_total", { outcome: "invalid_credentials" })).toBe(1);
    expect(count("countersign_renewals_total", { outcome: "renewed" })).toBe(2);
    expect(count("countersign_renewals_total", { outcome: "repeated" })).toBe(1);
    expect(count("countersign_renewals_total", { outcome: "reused" })).toBe(1);
    expect(count("countersign_renewals_total", { outcome: "not_ours" })).toBe(1);
    expect(count("countersign_password_hash_wait_seconds_count", { outcome: "served" })).toBeGreaterThan(5);
    expect(count("countersign_database_statement_seconds_count", { outcome: "done" })).toBeGreaterThan(10);
    expect(count("countersign_http_request_seconds_count", { route: "/login", status: "4xx" })).toBe(4);
    expect(count("countersign_signing_key_age_seconds", { state: "active" })).toBeLessThan(60);
    expect(families.get("countersign_revocation_lag_seconds")?.samples).toHaveLength(1);
    expect(count("countersign_revocation_lag_seconds", {})).toBeLessThan(60);
  });

  test("have no label that a client can write to, and hold no secret, address or id", async () => {
    const { app, url, scrape } = await startMeasured();
    const email = await newAccount(app, "canary");
    const tokens = await login(app, email);
    const cookie = await openCookieSession(app, email);
    const renewed = (await renew(app, tokens.refresh_token)).json() as { refresh_token: string };
    const me = (await app.inject({ url: "/me", headers: bearer(tokens) })).json() as { id: string };
    const { sessions } = (await app.inject({ url: "/me/sessions", headers: bearer(tokens) })).json() as {
      sessions: { id: string }[];
    };
    const hostile = randomBytes(12).toString("hex");
    await app.inject({ url: `/${hostile}?q=${hostile}`, headers: { "user-agent": hostile } });
    await app.inject({ url: `/problems/${hostile}` });
    await app.inject({ method: "PROPFIND" as "GET", url: `/${hostile}` });
    await app.inject({
      method: "POST",
      url: "/login",
      payload: { email: `${hostile}@example.com`, password: hostile },
    });
    await postForm(app, "/token", { grant_type: hostile });
    await postForm(app, "/introspect", { token: hostile, client_id: hostile, client_secret: hostile });
    await app.inject({ method: "DELETE", url: `/me/sessions/${sessions[0]?.id}`, headers: bearer(tokens) });

    const text = await (await fetch(url)).text();
    const secrets = [
      email,
      "canary",
      password,
      tokens.access_token,
      tokens.refresh_token,
      renewed.refresh_token,
      cookie,
      me.id,
      hostile,
      "127.0.0.1",
      ...sessions.map(({ id }) => id),
    ];
    for (const secret of secrets) expect(text).not.toContain(secret);
    const routes = (await scrape()).get("countersign_http_request_seconds")?.samples ?? [];
    expect(new Set(routes.map(({ labels }) => labels["status"]))).toEqual(new Set(["2xx", "4xx"]));
    expect(routes.some(({ labels }) => labels["route"] === "none")).toBe(true);
    expect(routes.some(({ labels }) => labels["route"] === "/me/sessions/:id")).toBe(true);
  });

  test("know the routes of the app beside those of the server", async () => {
    const { createApp } = await import("../../src/app.ts");
    const app = createApp(
      {
        issuer: "https://api.example.com",
        databaseUrl: "sqlite::memory:",
        metricsPort: 0,
        masterKey: newKey(),
      },
      { logger: { stream: { write: (line: string) => void log.push(line) } } },
    );
    const log: string[] = [];
    app.get("/posts/:id", async () => ({ ok: true }));
    await app.ready();
    await app.inject("/posts/7");
    const [, url = ""] = /Metrics at ([^"]+)"/.exec(log.join("")) ?? [];
    const families = parseExposition(await (await fetch(url)).text());
    await app.close();
    const labels = { method: "GET", route: "/posts/:id", status: "2xx" };
    expect(valueOf(families, "countersign_http_request_seconds_count", labels)).toBe(1);
  });

  test("of two apps in one process are counted apart", async () => {
    const one = await startMeasured();
    const other = await startMeasured();
    await newAccount(one.app);
    await login(one.app);
    const succeeded = { outcome: "succeeded" };
    expect(valueOf(await one.scrape(), "countersign_logins_total", succeeded)).toBe(1);
    expect(valueOf(await other.scrape(), "countersign_logins_total", succeeded)).toBe(0);
  });
});

function newKey(): string {
  return randomBytes(32).toString("base64url");
}
