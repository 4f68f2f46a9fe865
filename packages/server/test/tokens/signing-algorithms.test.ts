import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { signingAlgorithms } from "../../src/settings/signing-algorithms.ts";
import { bearer, issuer, login, newAccount, startApp } from "../app.ts";

const pairs = signingAlgorithms.filter((algorithm) => algorithm !== "HS256");

test.each(pairs)(
  "RFC 9068 §2.1: signs with %s, and another library verifies by the JWKS alone",
  async (algorithm) => {
    const app = await startApp({ algorithm });
    await newAccount(app);
    const tokens = await login(app);
    const jwks = (await app.inject("/.well-known/jwks.json")).json<JSONWebKeySet>();
    const { protectedHeader } = await jwtVerify(tokens.access_token, createLocalJWKSet(jwks), {
      issuer,
      audience: issuer,
      typ: "at+jwt",
    });
    expect(protectedHeader.alg).toBe(algorithm);
    expect((await app.inject({ url: "/me", headers: bearer(tokens) })).statusCode).toBe(200);
  },
);
