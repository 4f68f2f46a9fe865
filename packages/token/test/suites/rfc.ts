/** The examples of the RFCs: what they say is valid verifies, what they say is not for JWTs is refused. */
import {
  type AlgorithmName,
  createVerifier,
  exportPublicJwk,
  importJwk,
  type Jwk,
  keySet,
  publicKey,
  thumbprint,
  TokenError,
  type Verifier,
} from "../../src/index.ts";
import { materialOf } from "../../src/keys.ts";
import type { Harness } from "./harness.ts";
import * as rfc from "./rfc-examples.ts";
import { openToken } from "./verdict.ts";

export function rfcSuite({ test, check }: Harness): void {
  const claimExamples: [section: string, AlgorithmName, { key: Jwk; input: string; signature: string }][] = [
    ["RFC 7515 A.1, RFC 7519 §3.1", "HS256", rfc.hs256Example],
    ["RFC 7515 A.2", "RS256", rfc.rs256Example],
    ["RFC 7515 A.3", "ES256", rfc.es256Example],
  ];
  for (const [section, algorithm, { key, input, signature }] of claimExamples) {
    const verifierAt = (now: number): Verifier => {
      const keys = keySet([importJwk(key, { algorithm })]);
      return createVerifier({ keys, type: null, issuer: "joe", audience: null, now: () => now });
    };

    test(`${section}: the ${algorithm} token verifies until it expires`, () => {
      const claims = verifierAt(rfc.joesClaims.exp - 1)(`${input}.${signature}`);
      check(JSON.stringify(claims) === JSON.stringify(rfc.joesClaims), "other claims");
    });

    test(`${section}: the ${algorithm} token is dead at exp itself (RFC 7519 §4.1.4)`, () => {
      check(
        refusalOf(() => verifierAt(rfc.joesClaims.exp)(`${input}.${signature}`)) === "expired",
        "not expired",
      );
    });
  }

  test("RFC 7515 A.1, A.2: signing again gives the same signatures", () => {
    for (const [algorithm, { key, input, signature }] of [
      ["HS256", rfc.hs256Example],
      ["RS256", rfc.rs256Example],
    ] as const) {
      check(materialOf(importJwk(key, { algorithm })).sign?.(input) === signature, algorithm);
    }
  });

  test("RFC 7515 A.4: the ES512 signature holds", () => {
    const { key, input, signature } = rfc.es512Example;
    const payload = openToken(keySet([importJwk(key, { algorithm: "ES512" })]), `${input}.${signature}`);
    check(asText(payload) === "Payload", "refused");
  });

  test("RFC 7515 A.5, RFC 7518 §3.6: the unsecured token is refused", () => {
    const keys = keySet([importJwk(rfc.hs256Example.key, { algorithm: "HS256" })]);
    const verify = createVerifier({ keys, type: null, issuer: null, audience: null, now: () => 0 });
    check(refusalOf(() => verify(rfc.unsecuredToken)) === "algorithm_not_allowed", "accepted");
  });

  test("RFC 7515 A.6, A.7: the JSON serializations are refused", () => {
    const { key, input, signature } = rfc.hs256Example;
    const [header = "", payload = ""] = input.split(".");
    const keys = keySet([importJwk(key, { algorithm: "HS256" })]);
    const verify = createVerifier({ keys, type: null, issuer: null, audience: null, now: () => 0 });
    for (const text of [
      JSON.stringify({ payload, protected: header, signature }),
      JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
    ]) {
      check(refusalOf(() => verify(text)) === "malformed", text);
    }
  });

  test("RFC 7797 §4.1: the encoded payload verifies", () => {
    const keys = keySet([importJwk(rfc.hs256Example.key, { algorithm: "HS256" })]);
    check(asText(openToken(keys, rfc.encodedExample)) === "$.02", "refused");
  });

  test("RFC 7797 §7: an unencoded payload is refused, detached or not", () => {
    const keys = keySet([importJwk(rfc.hs256Example.key, { algorithm: "HS256" })]);
    const verify = createVerifier({ keys, type: null, issuer: null, audience: null, now: () => 0 });
    const [header, , signature] = rfc.unencodedExample.split(".");
    check(refusalOf(() => verify(rfc.unencodedExample)) === "critical_header", "detached");
    check(refusalOf(() => verify(`${header}.$.02.${signature}`)) === "malformed", "with its dot");
  });

  test("RFC 8037 A.4, A.5: Ed25519 signs as printed, and EdDSA is its old name", () => {
    const { key, input, signature } = rfc.ed25519Example;
    const imported = importJwk(key, { algorithm: "Ed25519" });
    check(materialOf(imported).sign?.(input) === signature, "another signature");
    const payload = openToken(keySet([publicKey(imported)]), `${input}.${signature}`);
    check(asText(payload) === "Example of Ed25519 signing", "refused");
  });

  test("RFC 8037 A.2, A.3: the public key and its thumbprint", () => {
    const imported = importJwk(rfc.ed25519Example.key, { algorithm: "Ed25519" });
    check(exportPublicJwk(imported).x === rfc.ed25519Example.key.x, "another public key");
    check(thumbprint(imported) === rfc.ed25519Example.thumbprint, "another thumbprint");
  });

  test("RFC 7638 §3.1: the thumbprint of an RSA key", () => {
    check(thumbprint(importJwk(rfc.thumbprintExample.key)) === rfc.thumbprintExample.thumbprint, "another");
  });
}

function asText(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

function refusalOf(action: () => unknown): string {
  try {
    action();
    return "accepted";
  } catch (error) {
    return error instanceof TokenError ? error.code : String(error);
  }
}
