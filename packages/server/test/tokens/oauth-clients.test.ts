// How clients name and prove themselves at the OAuth endpoints, as openid-client, oauth4webapi and Authlib do it.
import type { FastifyInstance } from "fastify";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { basicCredentials } from "../../src/http/basic-credentials.ts";
import { login, newAccount, newApp, postForm, renew, type Tokens } from "../app.ts";

const secret = randomBytes(24).toString("base64url");
let app: FastifyInstance;
let tokens: Tokens;

beforeAll(async () => {
  app = newApp({ introspectionClients: { "api-1": secret } });
  await newAccount(app);
  tokens = await login(app);
});
afterAll(() => app.close());

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
/** RFC 6749 appendix B; every character that is no letter or digit may be encoded. */
const formEncode = (text: string): string =>
  Array.from(text)
    .map((c) => (/[A-Za-z0-9]/.test(c) ? c : `%${c.charCodeAt(0).toString(16).toUpperCase()}`))
    .join("");

describe("POST /introspect", () => {
  test.each([
    ["as they are", `api-1:${secret}`],
    ["form-encoded", `${formEncode("api-1")}:${formEncode(secret)}`],
  ])("RFC 6749 §2.3.1: takes id and secret %s", async (_how, text) => {
    const response = await postForm(app, "/introspect", { token: tokens.access_token }, basic(text));
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ active: true, token_type: "Bearer" });
  });

  test("RFC 6749 §2.3.1: takes client_secret_post, and the metadata says so", async () => {
    const client = { client_id: "api-1", client_secret: secret };
    const response = await postForm(app, "/introspect", { token: tokens.access_token, ...client });
    expect(response.json()).toMatchObject({ active: true });
    const metadata = await app.inject("/.well-known/oauth-authorization-server");
    expect(metadata.json()).toMatchObject({
      introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    });
  });

  test("RFC 6749 §2.3: refuses two ways at once", async () => {
    const client = { client_id: "api-1", client_secret: secret };
    const response = await postForm(app, "/introspect", { token: "x", ...client }, basic(`api-1:${secret}`));
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ error: "invalid_request" });
  });

  test.each([
    [{}, {}],
    [{ client_id: "api-1" }, {}],
    [{ client_id: "api-1", client_secret: "x".repeat(32) }, {}],
    [{ client_id: "api-2", client_secret: secret }, {}],
    [{}, basic(`api%2:${secret}`)],
    [{}, basic(`api-1${secret}`)],
    [{}, basic(`api-1:${secret} `)],
    [{}, { authorization: "Basic" }],
    [{}, { authorization: `Bearer ${secret}` }],
  ])("RFC 7662 §2.1: refuses %j with %j, and says how to authenticate", async (fields, headers) => {
    const sent = { token: tokens.access_token, ...fields } as Record<string, string>;
    const response = await postForm(app, "/introspect", sent, headers);
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ error: "invalid_client" });
    expect(response.headers["www-authenticate"]).toBe('Basic realm="countersign", charset="UTF-8"');
  });

  test("RFC 7662 §2.2: a refresh token has no token type, as it authorizes nothing by itself", async () => {
    const response = await postForm(
      app,
      "/introspect",
      { token: tokens.refresh_token },
      basic(`api-1:${secret}`),
    );
    expect(response.json()).toMatchObject({ active: true, client_id: "first-party" });
    expect(response.json()).not.toHaveProperty("token_type");
  });
});

describe("POST /token", () => {
  const grant = (more: Record<string, string>, headers: Record<string, string> = {}) =>
    postForm(
      app,
      "/token",
      { grant_type: "refresh_token", refresh_token: tokens.refresh_token, ...more },
      headers,
    );

  test.each([
    [{}, basic(`api-1:${secret}`)],
    [{}, basic("anybody:anything")],
    [{ client_id: "somebody" }, {}],
    [{ client_id: "first-party", client_secret: secret }, {}],
  ])("RFC 6749 §5.2: a client that is not ours is invalid_client: %j with %j", async (fields, headers) => {
    const response = await grant(fields, headers);
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ error: "invalid_client" });
    expect(response.headers).toHaveProperty("www-authenticate");
  });

  test("RFC 6749 §5.1, §6: a scope that was not granted is invalid_scope, and the token stays good", async () => {
    const refused = await grant({ scope: "admin" });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ error: "invalid_scope" });
    tokens = (await renew(app, tokens.refresh_token)).json();
    expect(tokens).toHaveProperty("access_token");
  });

  test("RFC 6749 §3.1: a parameter without a value counts as left out", async () => {
    const response = await grant({ scope: "", client_id: "" });
    expect(response.statusCode).toBe(200);
    tokens = response.json();
    expect((await postForm(app, "/token", { grant_type: "" })).json()).toMatchObject({
      error: "invalid_request",
    });
  });

  test("takes the id of our own client", async () => {
    const response = await grant({ client_id: "first-party" });
    expect(response.statusCode).toBe(200);
    tokens = response.json();
  });
});

test.each(["", "Basic", "Basic Og==", `Basic ${"A".repeat(3000)}`, "Basic !", "basic", "Digest YTpi"])(
  "Basic credentials that hold no id and secret are none: %j",
  (text) => {
    expect(basicCredentials(text)).toBeUndefined();
  },
);
