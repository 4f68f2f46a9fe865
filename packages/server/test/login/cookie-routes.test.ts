import Fastify, { type FastifyInstance } from "fastify";
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { countersign } from "../../src/plugin.ts";
import type { CountersignOptions } from "../../src/settings/countersign-options.ts";
import { watchStatements } from "../database/sent-statements.ts";
import { startPostgres } from "../postgres-cluster.ts";
import { newPostgresUrl } from "../postgres.ts";

const origin = "https://api.example.com";
const password = "tangerine violin ledger";
const newOptions = (options: Partial<CountersignOptions> = {}): CountersignOptions => ({
  issuer: origin,
  databaseUrl: "sqlite::memory:",
  masterKey: randomBytes(32).toString("base64url"),
  ...options,
});

const cases = (["database", "memory"] as const).flatMap((sessionStore) => [
  { sessionStore, backend: "SQLite", newUrl: async () => "sqlite::memory:" },
  { sessionStore, backend: "PostgreSQL", newUrl: newPostgresUrl },
]);

describe.each(cases)("sessions in the $sessionStore store on $backend", ({ sessionStore, newUrl }) => {
  let app: FastifyInstance;
  const lines: string[] = [];
  const values: string[] = [];

  beforeAll(async () => {
    const logger = { level: "trace", stream: { write: (line: string) => void lines.push(line) } };
    app = createApp(newOptions({ sessionStore, databaseUrl: await newUrl() }), { logger });
    app.register(async (routes) => {
      const answer = async (request: { identity: unknown }) => ({ identity: request.identity ?? null });
      routes.get("/tokens-only", { onRequest: routes.auth.required() }, answer);
      routes.get("/greeting", { onRequest: routes.auth.optional({ cookies: true }) }, answer);
      routes.get("/user", { onRequest: routes.auth.required({ cookies: true, roles: ["user"] }) }, answer);
      routes.get("/admin", { onRequest: routes.auth.required({ cookies: true, roles: ["admin"] }) }, answer);
      routes.all("/any", { onRequest: routes.auth.required({ cookies: true }) }, answer);
    });
    await app.ready();
  });
  afterAll(() => app.close());

  const newAccount = async (name: string): Promise<string> => {
    const email = `${name}@example.com`;
    await app.inject({ method: "POST", url: "/signup", payload: { email, password } });
    return email;
  };
  const openSession = (email: string, headers: Record<string, string> = {}, withPassword = password) =>
    app.inject({
      method: "POST",
      url: "/session",
      payload: { email, password: withPassword },
      headers: { origin, ...headers },
    });
  const login = async (email: string, headers: Record<string, string> = {}, withPassword = password) => {
    const response = await openSession(email, headers, withPassword);
    expect(response.statusCode).toBe(204);
    const [cookie = ""] = String(response.headers["set-cookie"]).split(";");
    values.push(cookie.split("=")[1] ?? "");
    return cookie;
  };
  const tokenOf = async (email: string): Promise<string> => {
    const response = await app.inject({ method: "POST", url: "/login", payload: { email, password } });
    return `Bearer ${response.json<{ access_token: string }>().access_token}`;
  };
  const statusOf = async (cookie: string, url = "/me"): Promise<number> =>
    (await app.inject({ url, headers: { cookie } })).statusCode;
  const logout = (cookie: string) =>
    app.inject({ method: "DELETE", url: "/session", headers: { cookie, origin } });

  test("SE-01: the cookie is __Host-, HttpOnly, Secure, SameSite=Lax, for the whole host, and 256 bits", async () => {
    const response = await openSession(await newAccount("ada"));
    expect(response.statusCode).toBe(204);
    expect(response.body).toBe("");
    expect(response.headers["cache-control"]).toBe("no-store");
    expect([response.headers["set-cookie"]].flat()[0]).toMatch(
      /^__Host-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  test("SE-02: a planted value is anonymous before and after the log-in, and the one before ends with it", async () => {
    const email = await newAccount("bob");
    const planted = `__Host-session=${randomBytes(32).toString("base64url")}`;
    expect(await statusOf(planted)).toBe(401);
    const first = await login(email, { cookie: planted });
    expect(first).not.toBe(planted);
    expect(await statusOf(planted)).toBe(401);
    const second = await login(email, { cookie: first });
    expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200]);
    // A log-in that fails ends nothing.
    const failed = await openSession(email, { cookie: second }, "wrong wrong wrong");
    expect(failed.statusCode).toBe(401);
    expect(failed.json()).toMatchObject({ code: "invalid_credentials" });
    expect(failed.headers["set-cookie"]).toBeUndefined();
    expect(await statusOf(second)).toBe(200);
  });

  test.each([
    ["two of them", (cookie: string) => `${cookie}; __Host-session=${"A".repeat(43)}`],
    ["a longer value", (cookie: string) => `${cookie}A`],
    ["quotes", (cookie: string) => cookie.replace(/=(.*)/, '="$1"')],
    ["another case of the name", (cookie: string) => cookie.replace("__Host-session", "__host-session")],
    ["no prefix", (cookie: string) => cookie.replace("__Host-", "")],
    ["an encoded name", (cookie: string) => cookie.replace("__Host-session", "__Host%2Dsession")],
    ["nothing", () => "__Host-session="],
  ])("SE-03: is no session with %s", async (what, change) => {
    const cookie = await login(await newAccount(`carol-${what.replaceAll(" ", "-")}`));
    expect(await statusOf(`theme=dark; ${cookie}; other=1`)).toBe(200);
    expect(await statusOf(change(cookie))).toBe(401);
  });

  test("SE-03: an id in the URL or the body is not read", async () => {
    const cookie = await login(await newAccount("dora"));
    expect((await app.inject({ url: `/me?${cookie}` })).statusCode).toBe(401);
    const inBody = await app.inject({
      method: "POST",
      url: "/any",
      payload: { "__Host-session": cookie.split("=")[1] },
      headers: { origin },
    });
    expect(inBody.statusCode).toBe(401);
  });

  test("the identity has the shape of a token's, and the roles are asked for in the same way", async () => {
    const email = await newAccount("erin");
    const cookie = await login(email);
    const byCookie = (await app.inject({ url: "/user", headers: { cookie } })).json();
    const byToken = (
      await app.inject({ url: "/user", headers: { authorization: await tokenOf(email) } })
    ).json();
    expect(Object.keys(byCookie.identity).toSorted()).toEqual(Object.keys(byToken.identity).toSorted());
    expect(byCookie.identity).toMatchObject({
      subject: byToken.identity.subject,
      roles: ["user"],
      scope: [],
    });
    const refused = await app.inject({ url: "/admin", headers: { cookie } });
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({ code: "role_missing" });
  });

  test("a route that does not say so ignores cookies, also beside a token", async () => {
    const email = await newAccount("frank");
    const cookie = await login(email);
    expect(await statusOf(cookie, "/tokens-only")).toBe(401);
    const headers = { cookie, authorization: await tokenOf(email) };
    expect((await app.inject({ url: "/tokens-only", headers })).statusCode).toBe(200);
  });

  test("TV-12: RFC 6750 §3.1 refuses a token and a session cookie in one request, whichever is good", async () => {
    const email = await newAccount("grace");
    const cookie = await login(email);
    const authorization = await tokenOf(email);
    for (const headers of [
      { cookie, authorization },
      { cookie: "__Host-session=x", authorization },
      { cookie, authorization: "Bearer x" },
      { cookie, authorization: "" },
    ]) {
      const response = await app.inject({ url: "/user", headers });
      expect(response.statusCode).toBe(400);
      expect(response.headers["content-type"]).toBe("application/problem+json");
      expect(response.json()).toMatchObject({ code: "invalid_request" });
    }
    // Other cookies are nobody's business.
    const response = await app.inject({ url: "/user", headers: { cookie: "theme=dark", authorization } });
    expect(response.statusCode).toBe(200);
  });

  test("where being logged in is optional, whose session is over is a stranger", async () => {
    const cookie = await login(await newAccount("heidi"));
    const greet = async () => (await app.inject({ url: "/greeting", headers: { cookie } })).json();
    expect((await greet()).identity).toMatchObject({ roles: ["user"] });
    await logout(cookie);
    expect(await greet()).toEqual({ identity: null });
  });

  test("LO-06: logging out clears the cookie under the same attributes, twice as well, and without one", async () => {
    const cookie = await login(await newAccount("ivan"));
    for (const sent of [cookie, cookie, "theme=dark"]) {
      const response = await logout(sent);
      expect(response.statusCode).toBe(204);
      expect(response.headers["set-cookie"]).toBe(
        "__Host-session=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0",
      );
      // It would end what sister sites and the origin's own pages keep.
      expect(response.headers).not.toHaveProperty("clear-site-data");
    }
    expect(await statusOf(cookie)).toBe(401);
  });

  test.each([
    ["session", [401, 200]],
    ["others", [200, 401]],
    ["all", [401, 401]],
  ])(
    "LO-01: POST /logout %s reaches cookie sessions, with a cookie and with a token",
    async (scope, after) => {
      const email = await newAccount(`judy-${scope}`);
      const [mine, other] = [await login(email), await login(email)];
      const token = await tokenOf(email);
      const send = (headers: Record<string, string>) =>
        app.inject({ method: "POST", url: "/logout", payload: { scope }, headers: { origin, ...headers } });
      const response = await send({ cookie: mine });
      expect(response.statusCode).toBe(204);
      expect(response.headers["set-cookie"] === undefined).toBe(scope === "others");
      expect([await statusOf(mine), await statusOf(other)]).toEqual(after);
      const ofToken = await app.inject({ url: "/me", headers: { authorization: token } });
      expect(ofToken.statusCode).toBe(scope === "session" ? 200 : 401);

      const [third, fourth] = [await login(email), await tokenOf(email)];
      expect((await send({ authorization: fourth })).statusCode).toBe(204);
      expect(await statusOf(third)).toBe(scope === "session" ? 200 : 401);
    },
  );

  test("LO-05: sessions of both kinds are listed and ended one by one, by their owner alone", async () => {
    const email = await newAccount("kim");
    const [mine, other] = [await login(email, { "user-agent": "mine" }), await login(email)];
    const authorization = await tokenOf(email);
    const strange = await login(await newAccount("kims-neighbour"));
    const response = await app.inject({ url: "/me/sessions", headers: { cookie: mine } });
    const { sessions } = response.json<{
      sessions: { id: string; kind: string; current: boolean; device: string }[];
    }>();
    expect(sessions.map(({ kind }) => kind).toSorted()).toEqual(["cookie", "cookie", "token"]);
    expect(sessions.filter(({ current }) => current)).toMatchObject([{ kind: "cookie", device: "mine" }]);
    for (const cookie of [mine, other]) expect(response.body).not.toContain(cookie.split("=")[1]);
    const end = (cookie: string, id = "") =>
      app.inject({ method: "DELETE", url: `/me/sessions/${id}`, headers: { cookie, origin } });
    const others = sessions.filter(({ current }) => !current);
    for (const { id } of others) expect((await end(strange, id)).statusCode).toBe(404);
    expect([await statusOf(other), await statusOf(mine)]).toEqual([200, 200]);
    for (const { id } of others) expect((await end(mine, id)).statusCode).toBe(204);
    expect([await statusOf(other), await statusOf(mine)]).toEqual([401, 200]);
    expect((await app.inject({ url: "/me", headers: { authorization } })).statusCode).toBe(401);
  });

  test("PW-14: a new password ends all sessions, and the one that set it goes on with a new cookie", async () => {
    const email = await newAccount("leo");
    const [mine, other] = [await login(email), await login(email)];
    const response = await app.inject({
      method: "PUT",
      url: "/me/password",
      headers: { cookie: mine, origin },
      payload: { current_password: password, new_password: "another violin ledger" },
    });
    expect(response.statusCode).toBe(204);
    const [next = ""] = String(response.headers["set-cookie"]).split(";");
    expect(next).not.toBe(mine);
    expect([await statusOf(mine), await statusOf(other), await statusOf(next)]).toEqual([401, 401, 200]);
    expect(await statusOf(await login(email, {}, "another violin ledger"))).toBe(200);
  });

  test("LO-02: deleting the account ends its sessions", async () => {
    const cookie = await login(await newAccount("mallory"));
    const response = await app.inject({
      method: "DELETE",
      url: "/me",
      headers: { cookie, origin },
      payload: { current_password: password },
    });
    expect(response.statusCode).toBe(204);
    expect(await statusOf(cookie)).toBe(401);
  });

  test("WB-01: with a cookie every method that can change something needs a page of one's own; with a token none does", async () => {
    const email = await newAccount("nina");
    const cookie = await login(email);
    const authorization = await tokenOf(email);
    for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
      const send = async (headers: Record<string, string>) =>
        (await app.inject({ method, url: "/any", headers })).statusCode;
      expect(await send({ cookie })).toBe(403);
      expect(await send({ cookie, origin: "https://evil.example" })).toBe(403);
      expect(await send({ cookie, "sec-fetch-site": "cross-site", origin: "https://evil.example" })).toBe(
        403,
      );
      expect(await send({ cookie, "sec-fetch-site": "same-site" })).toBe(403);
      expect(await send({ cookie, "sec-fetch-site": "same-origin" })).toBe(200);
      expect(await send({ cookie, origin })).toBe(200);
      expect(await send({ authorization })).toBe(200);
      expect(await send({ authorization, "sec-fetch-site": "cross-site" })).toBe(200);
    }
    for (const method of ["GET", "HEAD"] as const) {
      const headers = { cookie, "sec-fetch-site": "cross-site" };
      expect((await app.inject({ method, url: "/any", headers })).statusCode).toBe(200);
    }
  });

  test("SE-06: a request costs one read with a cookie, and no statement at all with a token", async () => {
    const email = await newAccount("oscar");
    const [cookie, authorization] = [await login(email), await tokenOf(email)];
    const sent = watchStatements();
    const cost = async (headers: Record<string, string>) => {
      sent.clear();
      expect((await app.inject({ url: "/user", headers })).statusCode).toBe(200);
      // Whatever the server does by itself meanwhile is about neither.
      return sent.texts().filter((text) => text.includes("users") || text.includes("sessions"));
    };
    expect(await cost({ cookie })).toEqual([expect.stringMatching(/^select /)]);
    expect(await cost({ cookie })).toEqual([expect.stringMatching(/^select /)]);
    expect(await cost({ authorization })).toEqual([]);
  });

  test("SE-07: no log line has the value of a session", () => {
    expect(values.length).toBeGreaterThan(20);
    expect(lines.length).toBeGreaterThan(100);
    const output = lines.join("");
    for (const value of values) expect(output).not.toContain(value);
  });
});

describe.each(["database", "memory"] as const)("with the database gone, sessions in %s", (sessionStore) => {
  test("SE-06: answer 503 with Retry-After, never as a stranger's, and come back with it; tokens do not notice", async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.destroy());
    const databaseUrl = await postgres.newSchema();
    const app = createApp(newOptions({ sessionStore, databaseUrl }), { logger: false });
    onTestFinished(() => app.close());
    app.register(async (routes) => {
      routes.get("/greeting", { onRequest: routes.auth.optional({ cookies: true }) }, async () => "Hello!");
      routes.get("/posts", { onRequest: routes.auth.required({ cookies: true }) }, async () => "posts");
    });
    const post = (url: string, headers: Record<string, string> = {}) =>
      app.inject({ method: "POST", url, payload: { email: "ada@example.com", password }, headers });
    await post("/signup");
    const { access_token: token } = (await post("/login")).json<{ access_token: string }>();
    const opened = await post("/session", { origin });
    const [cookie = ""] = String(opened.headers["set-cookie"]).split(";");

    await postgres.stop();
    const refusals = [
      await app.inject({ url: "/greeting", headers: { cookie } }),
      await app.inject({ url: "/posts", headers: { cookie } }),
      await app.inject({ method: "DELETE", url: "/session", headers: { cookie, origin } }),
      await post("/session", { origin }),
    ];
    for (const refused of refusals) {
      expect(refused.statusCode).toBe(503);
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
      expect(refused.headers["content-type"]).toMatch(/^application\/problem\+json/);
      expect(refused.headers["set-cookie"]).toBeUndefined();
    }
    const headers = { authorization: `Bearer ${token}` };
    expect((await app.inject({ url: "/posts", headers })).statusCode).toBe(200);

    await postgres.start();
    await expect
      .poll(async () => (await app.inject({ url: "/greeting", headers: { cookie } })).statusCode)
      .toBe(200);
  });
});

describe("over real HTTP, in an app of one's own", () => {
  test("SE-01: a browser logs in, reads, writes and logs out with nothing but its cookie", async () => {
    const app = Fastify();
    await app.register(countersign, newOptions({ issuer: "http://localhost:3000", sessionStore: "memory" }));
    const onRequest = app.auth.required({ cookies: true });
    app.post("/posts", { onRequest }, async ({ identity }) => ({ author: identity?.subject }));
    await app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = app.server.address() as AddressInfo;

    const jar = new Map<string, string>();
    const browse = async (method: string, path: string, payload?: object, headers: object = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: {
          cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
          "sec-fetch-site": "same-origin",
          ...(payload === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/; Max-Age=0/.test(line)) jar.delete(name);
        else jar.set(name, value);
      }
      return response;
    };

    const account = { email: "ada@example.com", password };
    const { id } = (await (await browse("POST", "/signup", account)).json()) as { id: string };
    expect((await browse("POST", "/posts")).status).toBe(401);
    expect((await browse("POST", "/session", account)).status).toBe(204);
    expect([...jar.keys()]).toEqual(["__Host-session", "__Host-devices"]);
    expect(await (await browse("POST", "/posts")).json()).toEqual({ author: id });
    const forged = await browse("POST", "/posts", undefined, { "sec-fetch-site": "cross-site" });
    expect(forged.status).toBe(403);
    expect(await forged.json()).toMatchObject({ code: "cross_site" });
    const [value] = jar.values();
    expect((await browse("DELETE", "/session")).status).toBe(204);
    // That the device is known outlives it, and opens nothing.
    expect([...jar.keys()]).toEqual(["__Host-devices"]);
    expect((await browse("POST", "/posts")).status).toBe(401);
    jar.set("__Host-session", value ?? "");
    expect((await browse("POST", "/posts")).status).toBe(401);
    await app.close();
  });
});
