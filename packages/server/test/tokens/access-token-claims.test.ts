import { exportPrivateJwk } from "@countersign/token";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import { describe, expect, test } from "vitest";
import { createApp } from "../../src/app.ts";
import type { CountersignOptions } from "../../src/settings/countersign-options.ts";
import { createMasterKey } from "../../src/keys/master-key.ts";
import { createSealedKeys } from "../../src/keys/sealed-keys.ts";
import { openStore } from "../database/store.ts";

const issuer = "https://api.example.com";
const account = { email: "ada@example.com", password: "tangerine violin ledger" };
const claims = { iss: issuer, aud: issuer, roles: ["user"], client_id: "first-party", amr: ["pwd"] };

interface Issued {
  readonly token: string;
  readonly jwks: JSONWebKeySet;
  readonly dataDir: string;
}

async function login(options: Partial<CountersignOptions>): Promise<Issued> {
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-"));
  const app = createApp({ issuer, dataDir, ...options }, { logger: false });
  await app.inject({ method: "POST", url: "/signup", payload: account });
  const response = await app.inject({ method: "POST", url: "/login", payload: account });
  const jwks = (await app.inject({ url: "/.well-known/jwks.json" })).json<JSONWebKeySet>();
  await app.close();
  return { token: response.json<{ access_token: string }>().access_token, jwks, dataDir };
}

/** The secret that the token was signed with, opened from the database with the master key's file. */
async function readSecret(dataDir: string): Promise<{ kid: string; secret: Buffer }> {
  const text = readFileSync(join(dataDir, "master.key"), "utf8").trim();
  const store = await openStore({ url: `sqlite:${dataDir}/countersign.db` });
  const [stored] = (await store.signingKeys.inUse()).keys;
  await store.close();
  if (stored === undefined) throw new TypeError("There is no signing key");
  const key = createSealedKeys(createMasterKey(Buffer.from(text, "base64url"))).open(stored);
  const { k } = exportPrivateJwk(key) as { k: string };
  return { kid: stored.kid, secret: Buffer.from(k, "base64url") };
}

describe("an access token", () => {
  test("TI-01: is base64url(header).base64url(payload).base64url(HMAC-SHA256), which any library verifies", async () => {
    const { token, jwks, dataDir } = await login({});
    // KM-06: a secret is never published.
    expect(jwks).toEqual({ keys: [] });
    const { kid, secret } = await readSecret(dataDir);
    expect(secret).toHaveLength(32);

    const [header = "", payload = "", signature = ""] = token.split(".");
    expect(createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url")).toBe(signature);
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({
      alg: "HS256",
      typ: "at+jwt",
      kid,
    });
    const expected = { issuer, audience: issuer };
    expect(jsonwebtoken.verify(token, secret, { algorithms: ["HS256"], ...expected })).toMatchObject(claims);
    const verified = await jwtVerify(token, secret, { algorithms: ["HS256"], typ: "at+jwt", ...expected });
    expect((verified.payload.exp ?? 0) - (verified.payload.iat ?? 0)).toBe(600);
    for (const claim of ["sub", "jti", "sid"]) expect(verified.payload[claim]).toMatch(/^[\w-]{22}$/);
    expect(JSON.stringify(verified.payload)).not.toContain(account.email);
    rmSync(dataDir, { recursive: true });
  });

  test.each(["ES256", "Ed25519"] as const)(
    "signed with %s is verified by any library through the JWK Set",
    async (algorithm) => {
      const { token, jwks, dataDir } = await login({ algorithm });
      expect(jwks.keys).toHaveLength(1);
      expect(Object.keys(jwks.keys[0] ?? {})).not.toContain("d");
      const expected = { issuer, audience: issuer, typ: "at+jwt", algorithms: [algorithm] };
      expect((await jwtVerify(token, createLocalJWKSet(jwks), expected)).payload).toMatchObject(claims);
      rmSync(dataDir, { recursive: true });
    },
  );
});
