import swagger from "@fastify/swagger";
import { Validator } from "@seriousme/openapi-schema-validator";
import Fastify, { type FastifyInstance, type LightMyRequestResponse, type RouteOptions } from "fastify";
import { sql } from "kysely";
import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { Compile } from "typebox/compile";
import { countersign } from "../../src/index.ts";
import type { ApiDocument, JsonSchema } from "../../src/docs/document.ts";
import { bearer, issuer, login, password, startApp } from "../app.ts";
import { secretsIn, startMailedApp } from "../mail/mailed-app.ts";
import { newAuthenticator } from "../passkeys/authenticator.ts";
import { authenticatorOf } from "../second-factor/factors.ts";

/** An app with everything on, and every route that it has. */
async function startWithRoutes(): Promise<{ app: FastifyInstance; routes: readonly RouteOptions[] }> {
  const routes: RouteOptions[] = [];
  const app = Fastify({ logger: false });
  app.addHook("onRoute", (route) => void routes.push(route));
  onTestFinished(() => app.close());
  await app.register(countersign, { ...inMemory(), admin: true, console: true, docs: true });
  await app.ready();
  return { app, routes: routes.filter(({ method }) => method !== "HEAD" && method !== "OPTIONS") };
}

function inMemory() {
  const masterKey = randomBytes(32).toString("base64url");
  return {
    issuer,
    databaseUrl: "sqlite::memory:",
    masterKey,
    introspectionClients: { api: randomBytes(32).toString("base64url") },
  };
}

async function documentOf(app: FastifyInstance): Promise<ApiDocument> {
  const response = await app.inject("/openapi.json");
  expect(response.statusCode).toBe(200);
  return response.json();
}

describe("the OpenAPI document", () => {
  test("is one of OpenAPI 3.1, as a validator judges it", async () => {
    const app = await startApp();
    const document = await documentOf(app);
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(await new Validator().validate({ ...document })).toEqual({ valid: true });
  });

  test("has every route, with its operation, its answers and who may ask", async () => {
    const { app, routes } = await startWithRoutes();
    const { paths } = await documentOf(app);
    const missing: string[] = [];
    for (const { url, method, config, schema } of routes) {
      const name = `${String(method)} ${url}`;
      if (config?.operation === undefined) {
        missing.push(
          `${name} has no config: { operation }: say its id, tag, summary and answers (http/operation.ts)`,
        );
        continue;
      }
      const { operation } = config;
      const replies = Object.keys(schema?.response ?? {});
      for (const status of replies.filter((status) => !Object.hasOwn(operation.answers, status)))
        missing.push(
          `${name} has a response schema for ${status}, and its operation no answer of that status`,
        );
      // The other addresses of one page.
      if (url.endsWith("/*")) continue;
      const described = paths[url.replaceAll(/:(\w+)/g, "{$1}")]?.[String(method).toLowerCase()];
      if (described?.operationId !== operation.id)
        missing.push(`${name} does not stand in /openapi.json: is it registered through features.ts?`);
      for (const status of Object.keys(operation.answers))
        if (described?.responses[status] === undefined) missing.push(`${name}: the answer ${status} is lost`);
    }
    expect(missing).toEqual([]);
  });

  test("names each operation once", async () => {
    const document = await documentOf(await startApp());
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(20);
  });

  test("says what real requests are answered, happy and refused", async () => {
    const { app, mailServer } = await startMailedApp("SQLite", {
      introspectionClients: { api: "0f1e2d3c4b5a69788796a5b4c3d2e1f0" },
    });
    const document = await documentOf(app);
    const asked = new Set<string>();
    const ask = async (
      method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
      url: string,
      options: { payload?: object | string; headers?: Record<string, string> } = {},
      path = url.split("?")[0] ?? url,
    ): Promise<LightMyRequestResponse> => {
      const response = await app.inject({ method, url, ...options });
      const operation = document.paths[path]?.[method.toLowerCase()];
      asked.add(`${method.toLowerCase()} ${path}`);
      const described = operation?.responses[response.statusCode];
      expect(
        described,
        `${method} ${path} answers ${response.statusCode}, which is not described`,
      ).toBeDefined();
      const type = (response.headers["content-type"] ?? "").split(";", 1).join("");
      if (response.body === "") expect(described?.content).toBeUndefined();
      else {
        const schema = described?.content?.[type]?.schema;
        expect(schema, `${method} ${path} answers ${type}, which is not described`).toBeDefined();
        if (type.endsWith("json"))
          expect(
            Compile(resolved(schema as JsonSchema, document) as never).Check(response.json()),
            `${method} ${path} ${response.statusCode}: ${response.body}`,
          ).toBe(true);
      }
      return response;
    };
    const form = (fields: Record<string, string>) => ({
      payload: new URLSearchParams(fields).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });

    const ada = { email: "ada@example.com", password };
    await ask("POST", "/signup", { payload: ada });
    await ask("POST", "/signup", { payload: ada });
    await ask("POST", "/signup", { payload: { ...ada, password: "short" } });
    await ask("POST", "/signup", { payload: "{", headers: { "content-type": "application/json" } });
    await ask("POST", "/signup", { payload: "a", headers: { "content-type": "text/plain" } });
    await ask("POST", "/login", { payload: { ...ada, password: "another violin ledger" } });
    const tokens = (await ask("POST", "/login", { payload: ada })).json() as never;
    const headers = bearer(tokens);
    for (const url of ["/me", "/me/sessions", "/me/activity"]) {
      await ask("GET", url, { headers });
      await ask("GET", url);
      await ask("GET", url, { headers: { authorization: "Bearer x.y.z" } });
    }
    await ask("PATCH", "/me", { headers, payload: { name: "Ada" } });
    await ask("PATCH", "/me", { headers, payload: { nam: "Ada" } });
    await ask("PATCH", "/me", { headers, payload: { metadata: { theme: "dark" } } });
    const other = await login(app);
    const { sessions } = (await ask("GET", "/me/sessions", { headers })).json() as {
      sessions: { id: string; current: boolean }[];
    };
    const id = sessions.find(({ current }) => !current)?.id;
    await ask("DELETE", `/me/sessions/${id}`, { headers }, "/me/sessions/{id}");
    await ask("DELETE", `/me/sessions/${id}`, { headers }, "/me/sessions/{id}");
    await ask("POST", "/token", form({ grant_type: "refresh_token", refresh_token: other.refresh_token }));
    await ask("POST", "/token", form({ grant_type: "password" }));
    await ask(
      "POST",
      "/token",
      form({
        grant_type: "refresh_token",
        refresh_token: (tokens as { refresh_token: string }).refresh_token,
      }),
    );
    await ask(
      "POST",
      "/introspect",
      form({
        token: (tokens as { access_token: string }).access_token,
        client_id: "api",
        client_secret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
      }),
    );
    await ask(
      "POST",
      "/introspect",
      form({ token: "x", client_id: "api", client_secret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0" }),
    );
    await ask("POST", "/introspect", form({ token: "x" }));
    await ask("POST", "/revoke", form({ token: "x" }));
    await ask("POST", "/revoke", { payload: {} });
    const site = { "sec-fetch-site": "same-origin" };
    await ask("POST", "/session", { payload: ada, headers: site });
    await ask("POST", "/session", { payload: ada, headers: { "sec-fetch-site": "cross-site" } });
    await ask("DELETE", "/session", { headers: site });
    for (const path of ["/.well-known/oauth-authorization-server", "/.well-known/jwks.json"]) {
      const { headers: sent } = await ask("GET", path);
      await ask("GET", path, { headers: { "if-none-match": String(sent["etag"]) } });
    }
    const list = (await ask("GET", "/revocations")).json() as { cursor: string };
    await ask("GET", `/revocations?since=${list.cursor}`);
    for (const path of [
      "/health",
      "/health/live",
      "/health/ready",
      "/problems",
      "/docs",
      "/docs/style.css",
      "/openapi.json",
    ])
      await ask("GET", path);
    await ask("GET", "/problems/not_found", {}, "/problems/{code}");
    await ask("GET", "/problems/nothing", {}, "/problems/{code}");
    const change = { current_password: password, new_password: "another violin ledger" };
    const changed = await ask("PUT", "/me/password", { headers, payload: change });
    const now = bearer(changed.json());
    await ask("PUT", "/me/password", { headers: now, payload: change });
    await ask("DELETE", "/me", { headers: now, payload: { current_password: "a third violin ledger" } });
    await ask("POST", "/logout", { headers: now });
    await ask("POST", "/logout", { headers: now, payload: { scope: "all" } });
    const me = { current_password: change.new_password };
    const eve = { email: "eve@example.com", password };
    await ask("POST", "/signup", { payload: eve });
    const hers = bearer(await login(app, eve.email));
    await ask("GET", "/me/factors", { headers: hers });
    await ask("GET", "/me/factors");
    await ask("GET", "/me/permissions");
    await ask("POST", "/me/totp/confirm", { headers: hers, payload: { code: "000000" } });
    await ask("DELETE", "/me/totp", { headers: hers, payload: { current_password: password } });
    const begun = await ask("POST", "/me/totp", { headers: hers });
    await ask("POST", "/me/totp", { headers: hers, payload: me });
    const authenticator = authenticatorOf(begun.json<{ secret: string }>().secret);
    const wrong = { code: authenticator.wrongCode() };
    await ask("POST", "/me/totp/confirm", { headers: hers, payload: wrong });
    await ask("POST", "/me/totp/confirm", { headers: hers, payload: { code: authenticator.code() } });
    await ask("POST", "/me/recovery-codes", { headers: hers });
    const half = (await ask("POST", "/login", { payload: eve })).json<{ login_challenge: string }>();
    await ask("POST", "/session", { payload: eve, headers: site });
    const shown = { login_challenge: half.login_challenge, factor: "totp" };
    await ask("POST", "/login/factor", { payload: { ...shown, ...wrong } });
    const whole = await ask("POST", "/login/factor", { payload: { ...shown, code: authenticator.code() } });
    const raising = { headers: bearer(whole.json()) };
    await ask("POST", "/login/step-up", { ...raising, payload: { factor: "totp", ...wrong } });
    await ask("POST", "/login/step-up", { ...raising, payload: { factor: "password", password } });
    const strong = bearer(whole.json());
    await ask("POST", "/me/recovery-codes", { headers: strong });
    await ask("POST", "/me/totp", { headers: strong });
    await ask("DELETE", "/me/totp", { headers: strong });
    await ask("GET", "/me/passkeys", { headers: strong });
    await ask("GET", "/me/passkeys");
    await ask("POST", "/me/passkeys/options");
    const creation = (await ask("POST", "/me/passkeys/options", { headers: strong })).json<never>();
    const { response, credential } = await newAuthenticator(issuer).make(creation);
    await ask("POST", "/me/passkeys", { headers: strong, payload: { response: {} } });
    await ask("POST", "/me/passkeys", { headers: strong, payload: { response } });
    await ask("POST", "/login/passkey/options", { payload: { login_challenge: "x" } });
    const request = (await ask("POST", "/login/passkey/options")).json<never>();
    await ask("POST", "/login/passkey", { payload: { response: {} } });
    const answer = await credential.answer(request);
    await ask("POST", "/login/passkey", { payload: { response: answer, carrier: "cookie" } });
    const byPasskey = (await ask("POST", "/login/passkey", { payload: { response: answer } })).json();
    const passkey = [`/me/passkeys/${credential.id}`, "/me/passkeys/{id}"] as const;
    const holder = bearer(byPasskey as never);
    await ask("PATCH", passkey[0], { headers: holder, payload: { name: "phone" } }, passkey[1]);
    await ask("PATCH", passkey[0], { headers: holder, payload: { name: "" } }, passkey[1]);
    await ask("DELETE", passkey[0], { headers: holder }, passkey[1]);
    await ask("DELETE", passkey[0], { headers: holder }, passkey[1]);
    await ask("POST", "/email/verification", { payload: { email: eve.email } });
    await ask("POST", "/email/verification", { payload: { email: "no address" } });
    const { token } = secretsIn(await mailServer.takeAbout(eve.email, "Confirm your address"));
    await ask("POST", "/email/verify", { payload: { token, password: "wrong violin ledger" } });
    await ask("POST", "/email/verify", { payload: { token: "x" } });
    await ask("POST", "/email/verify", { payload: { token }, headers: strong });
    const address = { new_email: "roe@example.com", current_password: password };
    await ask("POST", "/me/email", { headers: strong, payload: address });
    await ask("POST", "/me/email", { headers: strong, payload: { ...address, new_email: "no address" } });
    await ask("POST", "/me/email", { payload: address });
    const toConfirm = secretsIn(await mailServer.takeAbout(address.new_email, "Confirm your new address"));
    await ask("POST", "/email/verify", { payload: { token: toConfirm.token } });
    await ask("POST", "/email/verify", { payload: { token: toConfirm.token }, headers: strong });
    const told = (await mailServer.takeAbout(eve.email, "Your address for")).text ?? "";
    const undo = { token: /#token=([\w-]+)/.exec(told)?.[1] };
    await ask("POST", "/email/undo", { payload: undo });
    await ask("POST", "/email/undo", { payload: undo });
    const seen = (await mailServer.takeAbout(eve.email, "New login")).text ?? "";
    const disowned = { token: /#token=([\w-]+)/.exec(seen)?.[1] };
    await ask("POST", "/login/disown", { payload: disowned });
    await ask("POST", "/login/disown", { payload: disowned });
    await ask("POST", "/password/forgotten", { payload: { email: eve.email } });
    await ask("POST", "/password/forgotten", { payload: { email: "no address" } });
    const mail = secretsIn(await mailServer.takeAbout(eve.email, "Choose a new password"));
    const mailed = (secret: object, text = password) =>
      ask("POST", "/password/reset", { payload: { ...secret, new_password: text } });
    await mailed({ token: mail.token }, "password");
    await mailed({ email: eve.email, code: "0000-0000" });
    await mailed({ email: eve.email, code: mail.code });
    await ask("POST", "/signup", { payload: { email: "joan@example.com", password } });
    await sql`update users set roles = '["admin"]' where email = 'joan@example.com'`.execute(
      app.auth.database,
    );
    const admin = bearer(await login(app, "joan@example.com"));
    const last = bearer(await login(app, ada.email, change.new_password));
    const evesId = (await ask("GET", "/admin/accounts?email=eve", { headers: admin })).json().accounts[0].id;
    const account = { url: `/admin/accounts/${evesId}`, path: "/admin/accounts/{id}" };
    for (const headers of [last, admin]) {
      await ask("GET", "/admin/accounts?limit=0", { headers });
      await ask("POST", "/admin/accounts", { headers, payload: { email: "new@example.com" } });
      await ask("GET", account.url, { headers }, account.path);
      await ask("PATCH", account.url, { headers, payload: { app_metadata: {} } }, account.path);
      for (const verb of ["reset", "disable", "enable", "unlock"])
        await ask("POST", `${account.url}/${verb}`, { headers }, `${account.path}/${verb}`);
      const payload = { roles: ["user", "editor"] };
      await ask("PUT", `${account.url}/roles`, { headers, payload }, `${account.path}/roles`);
      await ask("GET", `${account.url}/sessions`, { headers }, `${account.path}/sessions`);
      const one = [`${account.url}/sessions/${evesId}`, `${account.path}/sessions/{sid}`] as const;
      await ask("DELETE", one[0], { headers }, one[1]);
      await ask("DELETE", `${account.url}/sessions`, { headers }, `${account.path}/sessions`);
      await ask("GET", "/admin/invitations?limit=0", { headers });
      await ask("GET", "/admin/invitations", { headers });
      const invited = await ask("POST", "/admin/invitations", {
        headers,
        payload: { email: "wes@example.com" },
      });
      const invitation = `/admin/invitations/${String(invited.json<{ id?: string }>().id)}`;
      await ask("DELETE", invitation, { headers }, "/admin/invitations/{id}");
      await ask("GET", "/admin/keys", { headers });
      await ask("POST", "/admin/keys/rotate", { headers });
      await ask("GET", "/admin/audit", { headers });
      await ask("GET", "/admin/audit/chain", { headers });
      await ask("GET", "/admin/followers", { headers });
      await ask("GET", "/admin/revocations", { headers });
      await ask("GET", "/admin/statistics", { headers });
      await ask("GET", "/me/permissions", { headers });
      await ask("DELETE", account.url, { headers }, account.path);
    }
    await ask("DELETE", "/me", { headers: last, payload: { current_password: change.new_password } });

    const all = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const unasked = all.filter((one) => !asked.has(one) && one !== "get /console");
    expect(unasked, "ask each new route here, happy and refused").toEqual([]);
  });

  test("leaves the answers as they were, byte for byte", async () => {
    const masterKey = randomBytes(32).toString("base64url");
    const [on, off] = [await startApp({ masterKey }), await startApp({ masterKey, docs: false })];
    for (const url of [
      "/health",
      "/.well-known/oauth-authorization-server",
      "/problems/busy",
      "/me",
      "/nothing",
    ]) {
      const [one, other] = [await on.inject(url), await off.inject(url)];
      expect(one.body.replaceAll(/"request_id":"[^"]+"/g, "")).toBe(
        other.body.replaceAll(/"request_id":"[^"]+"/g, ""),
      );
    }
  });

  test("is off in the plugin until it is named, and so is the page", async () => {
    const app = Fastify({ logger: false });
    onTestFinished(() => app.close());
    await app.register(countersign, inMemory());
    for (const url of ["/openapi.json", "/docs", "/docs/style.css"])
      expect((await app.inject(url)).statusCode).toBe(404);
  });

  test("stands beside an app's own, registered before or after, and holds no route of the app", async () => {
    for (const order of ["before", "after"] as const) {
      const app = Fastify({ logger: false });
      onTestFinished(() => app.close());
      const own = () => app.register(swagger, { openapi: { info: { title: "The app", version: "1" } } });
      if (order === "before") await own();
      await app.register(countersign, { ...inMemory(), docs: true });
      if (order === "after") await own();
      app.register(async (scope) => {
        scope.get("/posts", { schema: { operationId: "listPosts" } }, async () => []);
      });
      await app.ready();
      expect(app.swagger().paths).toHaveProperty("/posts");
      const { paths, info } = await documentOf(app);
      expect(info.title).toBe("Countersign");
      expect(paths).toHaveProperty("/login");
      expect(paths).not.toHaveProperty("/posts");
    }
  });

  test("below a prefix names the paths below the issuer", async () => {
    const app = Fastify({ logger: false });
    onTestFinished(() => app.close());
    const options = { ...inMemory(), issuer: `${issuer}/auth`, docs: true };
    const below = async (scope: FastifyInstance): Promise<void> => {
      await scope.register(countersign, options);
    };
    await app.register(below, { prefix: "/auth" });
    const document: ApiDocument = (await app.inject("/auth/openapi.json")).json();
    expect(document.servers).toEqual([{ url: `${issuer}/auth` }]);
    expect(document.paths).toHaveProperty("/login");
  });
});

describe("the page of the reference", () => {
  test("is one document without a script, under a policy that lets nothing in from elsewhere", async () => {
    const app = await startApp();
    const page = await app.inject("/docs");
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.headers["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(page.body).not.toMatch(/<script|style=|https?:\/\/(?!api\.example\.com)/);
    const { paths } = await documentOf(app);
    for (const methods of Object.values(paths))
      for (const { operationId } of Object.values(methods))
        expect(page.body).toContain(`id="${operationId}"`);
  });
});

/** With the schema that each reference leads to in its place. */
function resolved(schema: JsonSchema, document: ApiDocument): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (_name, value: unknown) => {
    const target = (value as { $ref?: string } | null)?.$ref?.replace("#/components/schemas/", "");
    const { schemas } = document.components as { schemas: Readonly<Record<string, JsonSchema>> };
    return target === undefined ? value : schemas[target];
  }) as JsonSchema;
}
