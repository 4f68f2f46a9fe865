// Texts that one database keeps and the other does not: refused by both, wherever they come in.
import Fastify, { type FastifyInstance } from "fastify";
import { randomBytes } from "node:crypto";
import { connect, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { countersign } from "../../src/plugin.ts";
import { newPostgresUrl } from "../postgres.ts";

const issuer = "https://api.example.com";
const password = "tangerine violin ledger";
const account = { email: "ada@example.com", password };
const unstorable = { "U+0000": "\0", "a high surrogate alone": "\ud83d", "a low surrogate alone": "\ude00" };

describe.each([
  { backend: "SQLite", newUrl: async () => "sqlite::memory:" },
  { backend: "PostgreSQL", newUrl: newPostgresUrl },
])("texts that are stored, on $backend", ({ newUrl }) => {
  let app: FastifyInstance;
  let authorization = "";

  beforeAll(async () => {
    // As behind a proxy: then a header says where a request comes from.
    app = Fastify({ trustProxy: true });
    const masterKey = randomBytes(32).toString("base64url");
    const introspectionClients = { api: randomBytes(32).toString("hex") };
    await app.register(countersign, { issuer, databaseUrl: await newUrl(), masterKey, introspectionClients });
    await send("POST", "/signup", account);
    const { access_token: token } = (await send("POST", "/login", account)).json<{ access_token: string }>();
    authorization = `Bearer ${token}`;
    await app.listen({ host: "127.0.0.1", port: 0 });
  });
  afterAll(() => app.close());

  const send = (
    method: "POST" | "PATCH" | "PUT" | "DELETE",
    url: string,
    payload: object | string,
    more = {},
  ) =>
    app.inject({
      method,
      url,
      payload,
      headers: {
        origin: issuer,
        ...(url.startsWith("/me") || url === "/logout" ? { authorization } : {}),
        ...(typeof payload === "string" ? { "content-type": "application/x-www-form-urlencoded" } : {}),
        ...more,
      },
    });

  describe.each(Object.entries(unstorable))("with %s", (_name, character) => {
    test.each([
      ["POST", "/signup", "email", { email: `a${character}b@example.com`, password }],
      ["POST", "/signup", "email", { email: `eve@exam${character}ple.com`, password }],
      ["POST", "/signup", "name", { email: "eve@example.com", password, name: `E${character}ve` }],
      ["POST", "/login", "email", { ...account, email: `${account.email}${character}` }],
      ["POST", "/session", "email", { ...account, email: `${character}${account.email}` }],
      ["PATCH", "/me", "name", { name: `Ada${character}` }],
    ] as const)("MI-01: %s %s is 400 and names %s", async (method, url, member, body) => {
      const response = await send(method, url, body);
      expect(response.statusCode).toBe(400);
      expect(response.json()).toMatchObject({
        code: "invalid_request",
        detail: `"${member}" must not contain U+0000 or half of a surrogate pair.`,
      });
    });

    test.each([
      ["POST", "/logout", { scope: character }, 400],
      [
        "PUT",
        "/me/password",
        { current_password: `${password}${character}`, new_password: password },
        character === "\0" ? 403 : 400,
      ],
      ["DELETE", "/me", { current_password: `${password}${character}` }, character === "\0" ? 403 : 400],
      ["POST", "/login", { ...account, password: `${password}${character}` }, undefined],
      ["POST", "/session", { ...account, password: `${password}${character}` }, undefined],
    ] as const)(
      "MI-01: %s %s takes it in no other member for what is there without it",
      async (method, url, body, status) => {
        const { statusCode } = await send(method, url, body);
        // A password with half a pair is none at all, one with U+0000 is another one.
        expect(statusCode).toBe(status ?? (character === "\0" ? 401 : 400));
      },
    );
  });

  test.each([
    ["/login", `username=ada%00@example.com&password=${password}`, 400],
    [
      "/login",
      `username=ada@example.com&password=${password}&scope=%00&client_id=%00&client_secret=%00`,
      200,
    ],
    ["/token", "grant_type=refresh_token&refresh_token=%00", 400],
    ["/token", "grant_type=%00", 400],
    ["/token", `grant_type=refresh_token&refresh_token=${"%00".repeat(71)}`, 400],
    ["/revoke", "token=%00&token_type_hint=%00", 200],
    ["/introspect", "token=%00", 401],
  ])("MI-01: the form of %s with %s is answered %i", async (url, form, status) => {
    expect((await send("POST", url, form)).statusCode).toBe(status);
  });

  test("MI-01: a path with U+0000 in it is refused", async () => {
    expect((await send("DELETE", "/me/sessions/%00".padEnd(70, "A"), {})).statusCode).toBe(400);
  });

  test("PW-03: a password may have U+0000 in it, which counts", async () => {
    const withNull = { email: "nul@example.com", password: "tangerine\0violin ledger" };
    expect((await send("POST", "/signup", withNull)).statusCode).toBe(201);
    expect((await send("POST", "/login", withNull)).statusCode).toBe(200);
    const without = { ...withNull, password: withNull.password.replace("\0", "") };
    expect((await send("POST", "/login", without)).statusCode).toBe(401);
  });

  test.each([
    "\u0001\u001f\u007f",
    "\u2028\u202e\ufeff",
    "\uffff\ufffe",
    "Ada 😀 Łukasiewicz",
    "'; drop table users; --",
  ])("MI-01: every other text comes back as it was: %j", async (name) => {
    expect((await send("PATCH", "/me", { name })).json()).toMatchObject({ name });
  });

  test("MI-01: what headers say of a client is kept as far as it can be, and hinders nobody", async () => {
    const login = async (headers: Record<string, string>): Promise<object> => {
      expect((await send("POST", "/login", account, headers)).statusCode).toBe(200);
      const response = await app.inject({ url: "/me/sessions", headers: { authorization } });
      return response.json<{ sessions: object[] }>().sessions[0] ?? {};
    };
    for (const [character, agent] of Object.values(unstorable).map(
      (text) => [text, `a ${text} z`] as const,
    )) {
      await login({ "user-agent": agent, "x-forwarded-for": `192.0.2.1${character}` });
    }
    const kept = await login({ "user-agent": "\u00e9\u00ff", "x-forwarded-for": "2001:db8::1, 192.0.2.1" });
    expect(kept).toMatchObject({ device: "\u00e9\u00ff", address: "2001:db8::1" });
    expect(await login({ "x-forwarded-for": "<script>" })).toMatchObject({ address: null });
  });

  test.each(["\0", "\u0001", "\u00ff"])(
    "MI-01: over the wire, a header with %j never is a 500",
    async (character) => {
      const body = JSON.stringify(account);
      const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
      let answer = "";
      socket.setEncoding("latin1").on("data", (chunk: string) => (answer += chunk));
      const head = `POST /login HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n`;
      socket.write(
        `${head}User-Agent: a${character}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        "latin1",
      );
      await new Promise((resolve) => socket.once("close", resolve));
      expect(answer).toMatch(character === "\u00ff" ? /^HTTP\/1\.1 200/ : /^HTTP\/1\.1 400/);
    },
  );
});
