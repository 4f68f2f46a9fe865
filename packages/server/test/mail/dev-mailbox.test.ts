import type { FastifyInstance } from "fastify";
import { describe, expect, test } from "vitest";
import { login, newAccount, password, bearer, startApp } from "../app.ts";

const issuer = "http://localhost:3000";
const host = "localhost:3000";

async function startDev(): Promise<FastifyInstance> {
  return startApp({
    issuer,
    devMail: true,
    allowLoopbackOrigins: true,
    allowedOrigins: ["https://app.example.com"],
  });
}

function ask(app: FastifyInstance, headers: Record<string, string> = {}, remoteAddress = "127.0.0.1") {
  return app.inject({ url: "/dev/mail", headers: { host, ...headers }, remoteAddress });
}

describe("the dev mailbox", () => {
  test("ML-08: shows what was sent, newest first, to whoever sits at this machine", async () => {
    const app = await startDev();
    await newAccount(app);
    const tokens = await login(app);
    const change = { current_password: password, new_password: "another violin ledger" };
    await app.inject({ method: "PUT", url: "/me/password", headers: bearer(tokens), payload: change });
    await expect
      .poll(async () => (await ask(app)).json<{ messages: unknown[] }>().messages, { timeout: 10_000 })
      .toMatchObject([
        {
          to: "ada@example.com",
          subject: "Your password for localhost:3000 was changed",
          codes: [],
          links: ["http://localhost:3000/console/reset"],
        },
      ]);
    const response = await ask(app);
    expect(response.headers["cache-control"]).toBe("no-store");
    const [message] = response.json<{ messages: { text: string; html: string; sent_at: string }[] }>()
      .messages;
    expect(message?.text).toContain("http://localhost:3000/console/reset");
    expect(message?.html).toContain('href="http://localhost:3000/console/reset"');
    expect(Date.parse(message?.sent_at ?? "")).toBeGreaterThan(0);
  });

  test.each([
    ["a page of its own", { "sec-fetch-site": "same-origin", origin: issuer }],
    ["the address bar", { "sec-fetch-site": "none" }],
    ["a program that sends neither", {}],
    ["another name of this machine", { host: "127.0.0.1:3000" }],
    ["this machine in IPv6", { host: "[::1]:3000" }],
  ])("ML-08: answers %s", async (_name, headers) => {
    expect((await ask(await startDev(), headers)).statusCode).toBe(200);
  });

  test.each([
    ["another host", { host: "mail.example.com" }],
    ["a host that only begins like this machine", { host: "localhost.example.com" }],
    ["a host that hides behind a user", { host: "localhost:3000@example.com" }],
    ["Forwarded", { forwarded: "for=127.0.0.1" }],
    ["X-Forwarded-For", { "x-forwarded-for": "127.0.0.1" }],
    ["X-Forwarded-Host", { "x-forwarded-host": host }],
    ["X-Forwarded-Anything", { "x-forwarded-anything": "" }],
    ["Via", { via: "1.1 proxy" }],
    ["a foreign origin", { origin: "https://evil.example" }],
    ["an origin that CORS lets in", { origin: "https://app.example.com" }],
    ["a page on another port of this machine", { origin: "http://localhost:5173" }],
    ["a page without an origin", { origin: "null" }],
    ["a page of another site", { "sec-fetch-site": "cross-site" }],
    ["a page of the same site", { "sec-fetch-site": "same-site" }],
  ])("ML-08: refuses %s", async (_name, headers) => {
    const response = await ask(await startDev(), headers);
    expect(response.statusCode).toBe(403);
    expect(response.headers).not.toHaveProperty("access-control-allow-origin");
    expect(response.body).not.toContain("messages");
  });

  test("ML-08: refuses another machine, whatever it says", async () => {
    expect((await ask(await startDev(), {}, "192.0.2.1")).statusCode).toBe(403);
  });

  test("ML-08: no page of another origin may ask with CORS", async () => {
    const app = await startDev();
    const response = await app.inject({
      method: "OPTIONS",
      url: "/dev/mail",
      headers: { host, origin: "http://localhost:5173", "access-control-request-method": "GET" },
    });
    expect(response.statusCode).toBe(405);
    expect(response.headers).not.toHaveProperty("access-control-allow-methods");
  });

  test("is not there unless it was asked for", async () => {
    const app = await startApp({ issuer });
    expect((await ask(app)).statusCode).toBe(404);
  });
});
