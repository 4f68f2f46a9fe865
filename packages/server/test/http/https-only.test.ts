import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { sql } from "kysely";
import { randomBytes } from "node:crypto";
import { connect, type AddressInfo } from "node:net";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { countersign } from "../../src/plugin.ts";

const issuer = "https://api.example.com";
const account = { email: "ada@example.com", password: "tangerine violin ledger" };
const proxy = "10.0.0.1";
const stranger = "192.0.2.66";
const byHttp = { "x-forwarded-proto": "http" };

const newOptions = (issuer: string): Parameters<typeof createApp>[0] => ({
  issuer,
  databaseUrl: "sqlite::memory:",
  masterKey: randomBytes(32).toString("base64url"),
});

async function newApp(
  trustProxy: FastifyServerOptions["trustProxy"],
  name = issuer,
): Promise<FastifyInstance> {
  const app = createApp(newOptions(name), { logger: false, ...(trustProxy !== undefined && { trustProxy }) });
  onTestFinished(() => app.close());
  await app.ready();
  return app;
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

async function logIn(app: FastifyInstance, headers: Record<string, string> = {}): Promise<Tokens> {
  const request = { method: "POST", payload: account, remoteAddress: proxy, headers } as const;
  await app.inject({ ...request, url: "/signup" });
  return (await app.inject({ ...request, url: "/login" })).json();
}

const refusal = {
  type: "https://api.example.com/problems/https_required",
  status: 403,
  code: "https_required",
  detail: "Use https, and change the secrets that this request has sent in the clear.",
};

describe("WB-10: what came to a trusted proxy by plain HTTP", () => {
  const routes: (readonly [method: string, url: string])[] = [];
  let app: FastifyInstance;
  beforeAll(async () => {
    // An app of somebody else's, where its own `trustProxy` counts.
    app = Fastify({ trustProxy: proxy });
    app.addHook("onRoute", ({ method, url }) => {
      for (const each of [method].flat()) routes.push([each, url]);
    });
    await app.register(countersign, newOptions(issuer));
    await app.ready();
    return () => app.close();
  });

  test("is refused at every route but the health checks, as a problem and without a way to go on", async () => {
    expect(routes.length).toBeGreaterThan(20);
    for (const [method, pattern] of routes) {
      const url = pattern.replace(":id", "some");
      const request = { method: method as "GET", url, remoteAddress: proxy, headers: byHttp };
      const response = await app.inject(request);
      if (url.startsWith("/health")) {
        expect([method, url, response.statusCode]).toEqual([method, url, 200]);
        continue;
      }
      expect([method, url, response.statusCode]).toEqual([method, url, 403]);
      expect(response.headers["content-type"]).toBe("application/problem+json");
      expect(response.headers["cache-control"]).toBe("no-store");
      expect(response.headers["location"]).toBeUndefined();
      if (method !== "HEAD") expect(response.json()).toMatchObject(refusal);
    }
  });

  test("leads to no look at a credential, good or bad, and changes nothing", async () => {
    const { access_token: token, refresh_token: refreshToken } = await logIn(app);
    const kept = (): Promise<unknown> =>
      Promise.all(
        ["users", "sessions", "revocations", "audit"].map(
          async (table) => (await sql`select * from ${sql.table(table)}`.execute(app.auth.database)).rows,
        ),
      );
    const before = await kept();
    const form = { "content-type": "application/x-www-form-urlencoded", ...byHttp };
    const renewal = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
    for (const request of [
      { method: "POST", url: "/login", payload: account, headers: byHttp },
      { method: "POST", url: "/login", payload: { ...account, password: "wrong" }, headers: byHttp },
      { method: "POST", url: "/session", payload: account, headers: byHttp },
      { method: "POST", url: "/token", payload: renewal.toString(), headers: form },
      { method: "POST", url: "/revoke", payload: `token=${refreshToken}`, headers: form },
      {
        method: "POST",
        url: "/introspect",
        payload: "token=x",
        headers: { ...form, authorization: "Basic eDp4" },
      },
      { method: "POST", url: "/logout", headers: { ...byHttp, authorization: `Bearer ${token}` } },
      { method: "GET", url: "/me", headers: { ...byHttp, authorization: "Bearer bad" } },
      { method: "GET", url: "/me", headers: { ...byHttp, cookie: "__Host-session=x" } },
    ] as const) {
      const response = await app.inject({ remoteAddress: proxy, ...request });
      expect([request.url, response.statusCode, response.json()]).toMatchObject([request.url, 403, refusal]);
      expect(response.headers["www-authenticate"]).toBeUndefined();
    }
    expect(await kept()).toEqual(before);
  });

  test("is answered before the body has come, whatever it may be", async () => {
    const listening = await newApp("127.0.0.1");
    await listening.listen({ host: "127.0.0.1", port: 0 });
    const { port } = listening.server.address() as AddressInfo;
    for (const type of ["application/json", "application/x-www-form-urlencoded", "text/plain"]) {
      const socket = connect(port, "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      const head = `Host: api.example.com\r\nX-Forwarded-Proto: http\r\nContent-Type: ${type}\r\nContent-Length: 9000000\r\n\r\n`;
      socket.write(`POST /login HTTP/1.1\r\n${head}{`);
      const answer = await new Promise((resolve) => socket.setEncoding("latin1").once("data", resolve));
      expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    }
  });
});

describe("WB-10: who says how a request came", () => {
  test.each([
    // Believed.
    [proxy, proxy, "http", 403],
    [proxy, proxy, "HTTP", 403],
    ["10.0.0.0/8", proxy, "http", 403],
    [proxy, `::ffff:${proxy}`, "http", 403],
    [[stranger, proxy], proxy, "http", 403],
    [true, stranger, "http", 403],
    // The last one is the trusted proxy's own; what stands before it came with the request.
    [proxy, proxy, "https, http", 403],
    [proxy, proxy, "http, https", 401],
    [proxy, proxy, "https", 401],
    // Nothing said: a health check, or a service beside this one.
    [proxy, proxy, undefined, 401],
    [proxy, proxy, "", 401],
    [proxy, proxy, "ftp", 401],
    [proxy, proxy, "asked-by-countersign", 401],
    // Not believed.
    [proxy, stranger, "http", 401],
    [proxy, stranger, "https", 401],
    ["10.0.0.2", proxy, "http", 401],
    [undefined, proxy, "http", 401],
    [undefined, stranger, "http", 401],
    [undefined, "127.0.0.1", "http", 401],
  ] as const)(
    "trusting %j, with %s saying %j, GET /me is %d",
    async (trusted, remoteAddress, said, status) => {
      const app = await newApp(typeof trusted === "object" ? [...trusted] : trusted);
      const headers = said === undefined ? {} : { "x-forwarded-proto": said };
      const response = await app.inject({ url: "/me", remoteAddress, headers });
      expect(response.statusCode).toBe(status);
    },
  );

  test("does not matter where the server's own name is http, as on a laptop", async () => {
    const app = await newApp(proxy, "http://127.0.0.1:3000");
    expect((await app.inject({ url: "/me", remoteAddress: proxy, headers: byHttp })).statusCode).toBe(401);
  });

  test.each(["x-forwarded-scheme", "x-url-scheme", "forwarded", "front-end-https", "x-forwarded-ssl"])(
    "is not read from %s",
    async (name) => {
      const app = await newApp(proxy);
      const headers = { [name]: name === "forwarded" ? "proto=http" : "http" };
      expect((await app.inject({ url: "/me", remoteAddress: proxy, headers })).statusCode).toBe(401);
    },
  );
});

describe("TP-01: where a request comes from", () => {
  test.each([
    [undefined, proxy, "192.0.2.1", proxy],
    [proxy, stranger, "192.0.2.1", stranger],
    [proxy, proxy, undefined, proxy],
    [proxy, proxy, "192.0.2.1", "192.0.2.1"],
    // What the client wrote itself stands to the left of what the proxy saw.
    [proxy, proxy, "127.0.0.1, 192.0.2.1", "192.0.2.1"],
    [proxy, proxy, "192.0.2.1, 10.0.0.1", "192.0.2.1"],
    [proxy, proxy, "10.0.0.2, 192.0.2.1, 10.0.0.1", "192.0.2.1"],
    [proxy, proxy, "2001:db8::1", "2001:db8::1"],
    [proxy, proxy, "<script>", null],
  ] as const)(
    "trusting %j, with %s saying %j, is for the owner's eyes %j",
    async (trustProxy, remoteAddress, forwardedFor, expected) => {
      const app = await newApp(trustProxy);
      const headers = { ...(forwardedFor !== undefined && { "x-forwarded-for": forwardedFor }) };
      await app.inject({ method: "POST", url: "/signup", payload: account });
      const tokens = await app.inject({
        method: "POST",
        url: "/login",
        payload: account,
        remoteAddress,
        headers,
      });
      const authorization = `Bearer ${tokens.json<Tokens>().access_token}`;
      const listed = await app.inject({ url: "/me/sessions", headers: { authorization } });
      expect(listed.json()).toMatchObject({ sessions: [{ address: expected }] });
    },
  );
});
