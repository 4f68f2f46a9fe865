import Fastify, { type FastifyInstance } from "fastify";
import { describe, expect, test } from "vitest";
import { baseUrlOf } from "../../src/settings/base-url.ts";
import { discoveryRoutes } from "../../src/tokens/discovery-routes.ts";

function serve(
  issuer: string,
  keys: readonly object[] = [],
  maxAgeSeconds = 300,
  prefix = "",
): FastifyInstance {
  const app = Fastify();
  void app.register(discoveryRoutes, {
    issuer,
    baseUrl: baseUrlOf(issuer, prefix),
    routePrefix: prefix,
    jwks: () => ({ keys }),
    jwksMaxAgeSeconds: () => maxAgeSeconds,
  });
  return app;
}

describe("discovery", () => {
  test("RFC 8414 §2, §3.2: says what the issuer offers, under URLs of the issuer", async () => {
    const app = serve("https://auth.example.com");
    const response = await app.inject("/.well-known/oauth-authorization-server");
    expect(response.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(response.headers["cache-control"]).toBe("public, max-age=300");
    expect(response.json()).toEqual({
      issuer: "https://auth.example.com",
      token_endpoint: "https://auth.example.com/token",
      revocation_endpoint: "https://auth.example.com/revoke",
      introspection_endpoint: "https://auth.example.com/introspect",
      jwks_uri: "https://auth.example.com/.well-known/jwks.json",
      response_types_supported: ["none"],
      grant_types_supported: ["refresh_token"],
      token_endpoint_auth_methods_supported: ["none"],
      revocation_endpoint_auth_methods_supported: ["none"],
      introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
      revocation_feed: "https://auth.example.com/revocations",
    });
  });

  test("WB-09: says the same whatever host the request names", async () => {
    const app = serve("https://auth.example.com");
    const url = "/.well-known/oauth-authorization-server";
    const expected = (await app.inject(url)).body;
    const names = {
      "x-forwarded-host": "evil.example",
      forwarded: "host=evil.example",
      "x-forwarded-proto": "http",
    };
    for (const headers of [{ host: "evil.example" }, { host: "evil.example", ...names }]) {
      expect((await app.inject({ url, headers })).body).toBe(expected);
    }
  });

  test("RFC 8414 §3.1: is found after an issuer's path too", async () => {
    const app = serve("https://example.com/auth/");
    const response = await app.inject("/.well-known/oauth-authorization-server/auth");
    // RFC 8414 §3.3: the very name, or verifiers refuse the document.
    expect(response.json()).toMatchObject({
      issuer: "https://example.com/auth/",
      token_endpoint: "https://example.com/auth/token",
    });
  });

  test.each([
    ["https://example.com", "https://example.com/auth", "/.well-known/oauth-authorization-server"],
    ["https://example.com/auth", "https://example.com/auth", "/.well-known/oauth-authorization-server/auth"],
    ["https://example.com/v1", "https://example.com/v1/auth", "/.well-known/oauth-authorization-server/v1"],
  ])(
    "RFC 8414 §3.1: %s with the prefix /auth names %s, at the root of its host",
    async (issuer, base, url) => {
      const app = serve(issuer, [], 300, "/auth");
      expect((await app.inject(url)).json()).toMatchObject({
        issuer,
        token_endpoint: `${base}/token`,
        jwks_uri: `${base}/.well-known/jwks.json`,
      });
      expect((await app.inject("/auth/.well-known/jwks.json")).json()).toEqual({ keys: [] });
      expect((await app.inject("/auth/.well-known/oauth-authorization-server")).statusCode).toBe(200);
    },
  );

  test("KM-01: keys that may be out of date are shown to whoever asks, and not to be kept", async () => {
    const app = serve("https://auth.example.com", [{ kty: "OKP", kid: "first" }], 0);
    const { statusCode, headers } = await app.inject("/.well-known/jwks.json");
    expect(statusCode).toBe(200);
    expect(headers["cache-control"]).toBe("no-cache");
    const metadata = await app.inject("/.well-known/oauth-authorization-server");
    expect(metadata.headers["cache-control"]).toBe("public, max-age=300");
  });

  test("RFC 9110 §13.1.2: answers 304 to whoever has the keys, and the keys when they changed", async () => {
    const keys = [{ kty: "OKP", kid: "first" }];
    const app = serve("https://auth.example.com", keys);
    const url = "/.well-known/jwks.json";
    const { headers, body } = await app.inject(url);
    expect(JSON.parse(body)).toEqual({ keys });
    expect(headers["cache-control"]).toBe("public, max-age=300");
    const etag = String(headers.etag);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const response = await app.inject({ url, headers: { "if-none-match": known } });
      expect([response.statusCode, response.body, response.headers.etag]).toEqual([304, "", etag]);
    }
    keys.push({ kty: "OKP", kid: "second" });
    const changed = await app.inject({ url, headers: { "if-none-match": etag } });
    expect(changed.statusCode).toBe(200);
    expect(changed.json()).toEqual({ keys });
  });
});
