// Every kind of token at every place where one is taken, and what becomes a claim.
import type { FastifyInstance } from "fastify";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issuer, newAccount, newApp, password, type Tokens } from "../app.ts";

const account = { email: "ada@example.com", password };
const caller = { id: "api", secret: randomBytes(24).toString("base64url") };
const form = { "content-type": "application/x-www-form-urlencoded" };
let app: FastifyInstance;

beforeAll(async () => {
  app = newApp({ introspectionClients: { [caller.id]: caller.secret } });
  app.register(async (routes) => {
    routes.get("/either", { onRequest: routes.auth.required({ cookies: true }) }, async () => "in");
  });
  await newAccount(app);
});
afterAll(() => app.close());

const login = async (payload: object | string = account, headers = {}): Promise<Tokens> =>
  (await app.inject({ method: "POST", url: "/login", payload, headers })).json();
const claimsOf = ({ access_token: token }: Pick<Tokens, "access_token">): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
const renew = (token: string, url = "/token") => {
  const payload = new URLSearchParams({ grant_type: "refresh_token", refresh_token: token }).toString();
  return app.inject({ method: "POST", url, payload, headers: form });
};

describe("kinds of tokens", () => {
  test("TI-03: each is taken in its own place, and nothing else is taken there", async () => {
    const { access_token: access, refresh_token: refresh } = await login();
    const known = { email: await newAccount(app, "known"), password };
    const { device_token: device } = await login(known);
    const opened = await app.inject({
      method: "POST",
      url: "/session",
      payload: account,
      headers: { origin: issuer },
    });
    const cookie = /__Host-session=([\w-]+)/.exec(String(opened.headers["set-cookie"]))?.[1] ?? "";
    const [header = "", payload = ""] = access.split(".");
    const kinds = {
      access,
      refresh,
      cookie,
      device,
      "introspection secret": caller.secret,
      "session id": String(claimsOf({ access_token: access })["sid"]),
      "token id": String(claimsOf({ access_token: access })["jti"]),
      "unsigned access": `${header}.${payload}.`,
    };
    const places = {
      bearer: async (text: string) =>
        (await app.inject({ url: "/either", headers: { authorization: `Bearer ${text}` } })).statusCode ===
        200,
      cookie: async (text: string) =>
        (await app.inject({ url: "/either", headers: { cookie: `__Host-session=${text}` } })).statusCode ===
        200,
      introspection: async (text: string) =>
        (
          await app.inject({
            method: "POST",
            url: "/introspect",
            payload: `token=${text}`,
            headers: {
              ...form,
              authorization: `Basic ${Buffer.from(`${caller.id}:${caller.secret}`).toString("base64")}`,
            },
          })
        ).json<{ active: boolean }>().active,
      renewal: async (text: string) => (await renew(text)).statusCode === 200,
      // Known are they whom the limit of unknown devices does not hold up.
      login: async (text: string) =>
        (await app.inject({ method: "POST", url: "/login", payload: { ...known, device_token: text } }))
          .statusCode === 200,
    };
    const guess = () =>
      app.inject({ method: "POST", url: "/login", payload: { ...known, password: "wrong wrong wrong" } });
    while ((await guess()).statusCode !== 429) continue;
    const taken: string[] = [];
    for (const [place, takes] of Object.entries(places)) {
      for (const [kind, text] of Object.entries(kinds))
        if (await takes(text)) taken.push(`${place}: ${kind}`);
    }
    expect(taken).toEqual([
      "bearer: access",
      "cookie: cookie",
      "introspection: access",
      "introspection: refresh",
      "renewal: refresh",
      "login: device",
    ]);
  });

  test("RR-10: a refresh token in the URL or in a header is not read", async () => {
    const { refresh_token: refresh } = await login();
    const query = `/token?grant_type=refresh_token&refresh_token=${refresh}`;
    expect((await app.inject({ method: "POST", url: query, payload: "", headers: form })).statusCode).toBe(
      400,
    );
    expect((await app.inject({ url: query })).statusCode).toBe(405);
    const headers = { ...form, authorization: `Bearer ${refresh}`, cookie: `refresh_token=${refresh}` };
    const payload = "grant_type=refresh_token";
    expect((await app.inject({ method: "POST", url: "/token", payload, headers })).statusCode).toBe(400);
    expect((await renew(refresh)).statusCode).toBe(200);
  });
});

describe("the claims of an access token", () => {
  const names = [
    "acr",
    "amr",
    "aud",
    "auth_time",
    "client_id",
    "exp",
    "iat",
    "iss",
    "jti",
    "roles",
    "sid",
    "sub",
  ];

  test("TI-01, TI-04: are these and no others, whatever the person has sent", async () => {
    const email = "mallory@example.com";
    const name = '{"roles":["admin"],"sub":"someone"}';
    await app.inject({ method: "POST", url: "/signup", payload: { ...account, email, name } });
    const { password } = account;
    const fields = { username: email, password, scope: "admin", client_id: "another", client_secret: "x" };
    const tokens = await login(new URLSearchParams(fields).toString(), form);
    const renewed = (await renew(tokens.refresh_token)).json<Tokens>();
    for (const claims of [claimsOf(tokens), claimsOf(renewed)]) {
      expect(Object.keys(claims).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(names);
      expect(claims).toMatchObject({ client_id: "first-party", roles: ["user"], amr: ["pwd"], iss: issuer });
      expect(JSON.stringify(claims)).not.toMatch(/mallory|someone|another|admin/);
    }
  });

  test.each(["roles", "sub", "id", "iss", "scope", "client_id", "sid", "status", "email_verified"])(
    "TI-04: %s is not to be had by asking, at sign-up, at log-in or later",
    async (member) => {
      const { access_token: token } = await login();
      const authorization = `Bearer ${token}`;
      const more = { [member]: "admin" };
      const answers = [
        await app.inject({
          method: "POST",
          url: "/signup",
          payload: { ...account, email: "n@example.com", ...more },
        }),
        await app.inject({ method: "POST", url: "/login", payload: { ...account, ...more } }),
        await app.inject({
          method: "PATCH",
          url: "/me",
          payload: { name: "Ada", ...more },
          headers: { authorization },
        }),
      ];
      for (const { statusCode } of answers) expect(statusCode).toBe(400);
    },
  );

  test("TI-05: the subject is a random id, and not the old one when an address comes back", async () => {
    const payload = { email: "bob@example.com", password: account.password };
    const subjects: unknown[] = [];
    for (let round = 0; round < 2; round += 1) {
      await app.inject({ method: "POST", url: "/signup", payload });
      const tokens = await login(payload);
      subjects.push(claimsOf(tokens)["sub"]);
      const headers = { authorization: `Bearer ${tokens.access_token}` };
      const removal = { current_password: payload.password };
      await app.inject({ method: "DELETE", url: "/me", payload: removal, headers });
    }
    expect(new Set(subjects).size).toBe(2);
    for (const subject of subjects) expect(subject).toMatch(/^[\w-]{22}$/);
  });
});

describe("a fault of our own", () => {
  test("WB-06: is a problem that says nothing of what went wrong", async () => {
    const broken = newApp();
    broken.register(async (routes) => {
      routes.get("/broken", async () => {
        throw new RangeError("select password_hash from users");
      });
    });
    const response = await broken.inject({ url: "/broken" });
    expect(response.statusCode).toBe(500);
    expect(response.headers["content-type"]).toBe("application/problem+json");
    expect(Object.keys(response.json<object>()).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      "code",
      "request_id",
      "status",
      "title",
      "type",
    ]);
    expect(response.body).not.toMatch(/password_hash|RangeError|\.ts|node_modules/);
    await broken.close();
  });
});
