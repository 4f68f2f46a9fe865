/** `verify` behaves as in jsonwebtoken 9. */
import { describe } from "vitest";
import {
  ed448,
  forge,
  now,
  p256,
  p384,
  p521,
  privatePem,
  publicPem,
  rsa,
  same,
  secret,
  secretBytes,
  secretObject,
  tokenOf,
} from "./side-by-side.ts";
import theirs, { type Algorithm, type PrivateKey, type Secret } from "jsonwebtoken";

const at = { clockTimestamp: now };
const claims = { sub: "42", iss: "me", aud: ["a", "b"], jti: "j", nonce: "n", iat: now - 10, exp: now + 10 };
const token = tokenOf(claims);

describe("keys", () => {
  const keys: [string, unknown, Algorithm, PrivateKey | Secret][] = [
    ["a secret string", secret, "HS256", secret],
    ["secret bytes", secretBytes, "HS512", secretBytes],
    ["a secret KeyObject", secretObject, "HS384", secretObject],
    ["a public PEM", publicPem(rsa), "RS256", rsa.privateKey],
    ["the bytes of a public PEM", Buffer.from(publicPem(rsa)), "RS512", rsa.privateKey],
    ["a private PEM", privatePem(rsa), "RS384", rsa.privateKey],
    ["a public KeyObject", rsa.publicKey, "PS256", rsa.privateKey],
    ["a JWK", { key: rsa.publicKey.export({ format: "jwk" }), format: "jwk" }, "PS512", rsa.privateKey],
    ["a P-256 key", p256.publicKey, "ES256", p256.privateKey],
    ["a P-384 key", publicPem(p384), "ES384", p384.privateKey],
    ["a P-521 key", p521.publicKey, "ES512", p521.privateKey],
  ];
  for (const [name, key, algorithm, signingKey] of keys) {
    const signed = theirs.sign(claims, signingKey, { algorithm });
    same(`${name} verifies ${algorithm}`, ({ verify }) => verify(signed, key, at));
    same(`${name} verifies ${algorithm} where it is asked for`, ({ verify }) =>
      verify(signed, key, { ...at, algorithms: [algorithm] }),
    );
    same(`${name} does not verify ${algorithm} where another is asked for`, ({ verify }) =>
      verify(signed, key, { ...at, algorithms: ["PS384"] }),
    );
    same(`${name} verifies ${algorithm} no more after a change`, ({ verify }) =>
      verify(signed.replace(/.{4}$/, "AAAA"), key, at),
    );
  }
  same("the wrong secret", ({ verify }) => verify(token, `${secret}x`, at));
  same("the wrong kind of key for the token", ({ verify }) => verify(token, rsa.publicKey, at));
  same("a public key where HS256 is asked for", ({ verify }) =>
    verify(token, rsa.publicKey, { ...at, algorithms: ["HS256"] }),
  );
  same("a secret where RS256 is asked for", ({ verify }) =>
    verify(theirs.sign(claims, rsa.privateKey, { algorithm: "RS256" }), secret, {
      ...at,
      algorithms: ["RS256"],
    }),
  );
  same("a private KeyObject", ({ verify }) =>
    verify(theirs.sign(claims, rsa.privateKey, { algorithm: "RS256" }), rsa.privateKey, at),
  );
  same("a curve that the algorithm does not use", ({ verify }) =>
    verify(theirs.sign(claims, p384.privateKey, { algorithm: "ES384" }), p256.publicKey, at),
  );
  same("an elliptic key where RS256 is asked for", ({ verify }) =>
    verify(theirs.sign(claims, rsa.privateKey, { algorithm: "RS256" }), p256.publicKey, {
      ...at,
      algorithms: ["RS256"],
    }),
  );
  same("a kind of key that is not known", ({ verify }) =>
    verify(theirs.sign(claims, rsa.privateKey, { algorithm: "RS256" }), ed448.publicKey, {
      ...at,
      algorithms: ["RS256"],
    }),
  );
  same("no key", ({ verify }) => verify(token, undefined, at));
  same("a key that is null", ({ verify }) => verify(token, null, at));
  same("an empty key", ({ verify }) => verify(token, "", at));
  same("an object that is no key", ({ verify }) => verify(token, { key: "nonsense" }, at));
  same("a number for a key", ({ verify }) => verify(token, 5, at));
});

describe("tokens", () => {
  same("none", ({ verify }) => verify(undefined, secret));
  same("null", ({ verify }) => verify(null, secret));
  same("an empty string", ({ verify }) => verify("", secret));
  same("a number", ({ verify }) => verify(1, secret));
  same("no dots", ({ verify }) => verify("abc", secret));
  same("five segments", ({ verify }) => verify("a.b.c.d.e", secret));
  same("an alphabet of its own", ({ verify }) => verify("e+.e/.c=", secret));
  same("a header that is no JSON", ({ verify }) => verify(forge("{", claims), secret));
  same("unsigned, for a key", ({ verify }) => verify(token.replace(/[^.]*$/, ""), secret));
  same("a header without alg", ({ verify }) => verify(forge({ typ: "JWT" }, claims), secret, at));
  same("an unknown alg", ({ verify }) => verify(forge({ alg: "XS256" }, claims), secret, at));
  same("a text", ({ verify }) => verify(theirs.sign("some text", secret), secret));
  same("a text with expectations", ({ verify }) =>
    verify(theirs.sign("some text", secret), secret, { audience: "a" }),
  );
  same("null in a text", ({ verify }) => verify(forge({ alg: "HS256" }, "null"), secret));
  same("claims in a text", ({ verify }) => verify(theirs.sign('{"sub":"42"}', secret), secret));
  same("claims without typ", ({ verify }) => verify(forge({ alg: "HS256" }, claims), secret, at));
  same("complete", ({ verify }) => verify(token, secret, { ...at, complete: true }));
  same("a header with more members", ({ verify }) =>
    verify(tokenOf(claims, { keyid: "k", header: { alg: "HS256", x5t: "x" } }), secret, {
      ...at,
      complete: true,
    }),
  );
  same("a claim named __proto__", ({ verify }) =>
    Object.keys(
      verify(forge({ alg: "HS256", typ: "JWT" }, '{"__proto__":{"admin":true}}'), secret) as object,
    ),
  );
});

describe("times", () => {
  const lives = tokenOf({ iat: now - 100, nbf: now - 50, exp: now + 50 });
  for (const [word, clockTimestamp] of [
    ["before nbf", now - 51],
    ["at nbf", now - 50],
    ["just before exp", now + 49],
    ["at exp", now + 50],
    ["after exp", now + 500],
  ] as const) {
    same(word, ({ verify }) => verify(lives, secret, { clockTimestamp }));
    for (const options of [
      { clockTolerance: 1 },
      { clockTolerance: 2.5 },
      { clockTolerance: -1 },
      { ignoreExpiration: true },
      { ignoreNotBefore: true },
      { maxAge: 60 },
      { maxAge: "1 min", clockTolerance: 2 },
    ]) {
      same(`${word}, ${JSON.stringify(options)}`, ({ verify }) =>
        verify(lives, secret, { clockTimestamp, ...options }),
      );
    }
  }
  for (const maxAge of [9, 10, 11, "9s", "10s", "11s", "2h", "-1d", "1.5 weeks", "120"]) {
    same(`maxAge ${JSON.stringify(maxAge)} for a token of ten seconds`, ({ verify }) =>
      verify(token, secret, { ...at, maxAge }),
    );
  }
  same("maxAge without iat", ({ verify }) =>
    verify(tokenOf({}, { noTimestamp: true }), secret, { maxAge: 5 }),
  );
  for (const maxAge of [{}, ["5s"], true]) {
    same(`a maxAge that is no span at all: ${JSON.stringify(maxAge)}`, ({ verify }) =>
      verify(token, secret, { ...at, maxAge }),
    );
  }
  for (const clockTolerance of [0, 1, -1]) {
    same(`maxAge with a tolerance of ${clockTolerance}`, ({ verify }) =>
      verify(token, secret, { ...at, maxAge: 10, clockTolerance }),
    );
  }
  same("a maxAge that makes no sense", ({ verify }) => verify(token, secret, { ...at, maxAge: "2 moons" }));
  same("the system's clock", ({ verify }) => verify(token, secret));
  same("a clock at 0, which is none", ({ verify }) => verify(token, secret, { clockTimestamp: 0 }));
  same("a clock that is a text", ({ verify }) => verify(token, secret, { clockTimestamp: "now" }));
  same("an exp that is a text", ({ verify }) => verify(forge({ alg: "HS256" }, { exp: "9" }), secret));
  same("an nbf that is null", ({ verify }) => verify(forge({ alg: "HS256" }, { nbf: null }), secret));
  same("an iat in the future", ({ verify }) => verify(tokenOf({ iat: now + 99 }), secret, at));
});

describe("claims", () => {
  for (const options of [
    { audience: "a" },
    { audience: "c" },
    { audience: ["c", "b"] },
    { audience: [] },
    { audience: /^[bc]$/ },
    { audience: [/^c/, /^d/] },
    { issuer: "me" },
    { issuer: "you" },
    { issuer: ["you", "me"] },
    { issuer: ["you", "they"] },
    { subject: "42" },
    { subject: "43" },
    { jwtid: "j" },
    { jwtid: "k" },
    { nonce: "n" },
    { nonce: "m" },
    { nonce: " " },
    { nonce: 5 },
    { issuer: "you", audience: "c", subject: "no" },
  ]) {
    const name = JSON.stringify(options, (_, value: unknown) =>
      value instanceof RegExp ? String(value) : value,
    );
    same(name, ({ verify }) => verify(token, secret, { ...at, ...options }));
    same(`${name} of a token that has no claims`, ({ verify }) =>
      verify(tokenOf({}), secret, { ...at, ...options }),
    );
  }
  same("one audience that is a text", ({ verify }) =>
    verify(tokenOf({ aud: "a" }), secret, { audience: "a" }),
  );
  same("a subject that is a number", ({ verify }) => verify(tokenOf({ sub: 42, iat: now }), secret));
});
