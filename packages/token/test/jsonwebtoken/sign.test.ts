/** `sign` behaves as in jsonwebtoken 9. */
import theirs from "jsonwebtoken";
import ours from "@countersign/token/jsonwebtoken";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  ed448,
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
  smallRsa,
} from "./side-by-side.ts";

const iat = now;

describe("payloads", () => {
  same("claims", ({ sign }) => sign({ sub: "42", iat, roles: ["user"], name: "Zoë 👋" }, secret));
  same("no claims but iat", ({ sign }) => sign({ iat }, secret));
  same("without a timestamp", ({ sign }) => sign({ sub: "42", iat }, secret, { noTimestamp: true }));
  same("a text", ({ sign }) => sign("some text", secret));
  same("a text that is JSON", ({ sign }) => sign('{"sub":"42"}', secret));
  same("bytes", ({ sign }) => sign(Buffer.from("bytes"), secret));
  for (const value of [7, true, 1.5]) same(String(value), ({ sign }) => sign(value, secret));
  same("none", ({ sign }) => sign(undefined, secret));
  same("null", ({ sign }) => sign(null, secret));
  same("claims without a prototype", ({ sign }) =>
    sign(Object.assign(Object.create(null) as object, { iat }), secret),
  );
  same("exp and nbf of one's own", ({ sign }) => sign({ iat, exp: now + 5, nbf: now }, secret));
  same("an array", ({ sign }) => sign([], secret));
  same("an instance of a class", ({ sign }) => sign(new Date(), secret));
  same("members that are undefined", ({ sign }) =>
    sign({ iat, exp: undefined, x: undefined }, secret, { noTimestamp: true }),
  );
  same("a text with options for claims", ({ sign }) => sign("text", secret, { expiresIn: 5, issuer: "me" }));
  for (const name of ["iat", "exp", "nbf"]) {
    same(`${name} that is a text`, ({ sign }) => sign({ [name]: "1" }, secret));
  }
  same("is not changed", ({ sign }) => {
    const payload = { iat, sub: "42" };
    sign(payload, secret, { expiresIn: 60, issuer: "me" });
    return payload;
  });
  same("is changed where that is asked for", ({ sign }) => {
    const payload = { iat, sub: "42" };
    sign(payload, secret, { expiresIn: 60, issuer: "me", mutatePayload: true });
    return payload;
  });
});

describe("the system's clock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: now * 1000 + 999 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  same("gives iat in whole seconds", ({ sign }) => sign({ sub: "42" }, secret));
  same("gives the second from which spans are counted", ({ sign }) =>
    sign({ sub: "42" }, secret, { expiresIn: 60, notBefore: "1s" }),
  );
  same("gives it also where iat is 0, or left out of the token", ({ sign }) => [
    sign({ iat: 0 }, secret, { expiresIn: 60 }),
    sign({ sub: "42" }, secret, { expiresIn: 60, noTimestamp: true }),
    sign({ iat: 5 }, secret, { expiresIn: 60, noTimestamp: true }),
  ]);
});

describe("options", () => {
  for (const options of [
    {},
    { expiresIn: 60 },
    { expiresIn: -60 },
    { expiresIn: "2h" },
    { expiresIn: "120" },
    { expiresIn: "10 days", notBefore: "-1m" },
    { expiresIn: "2 moons" },
    { expiresIn: "in 2h" },
    { expiresIn: "2h!" },
    { expiresIn: "1.25h" },
    { expiresIn: "-.5h" },
    { expiresIn: "" },
    { expiresIn: 1.5 },
    { expiresIn: null },
    { expiresIn: undefined },
    { notBefore: 5 },
    { notBefore: "soon" },
    { notBefore: [] },
    { audience: "a" },
    { audience: ["a", "b"] },
    { audience: 5 },
    { issuer: "me" },
    { issuer: 5 },
    { subject: "42" },
    { subject: 42 },
    { jwtid: "j" },
    { jwtid: false },
    { keyid: "k" },
    { keyid: 5 },
    { noTimestamp: "yes" },
    { mutatePayload: 1 },
    { allowInsecureKeySizes: "no" },
    { allowInvalidAsymmetricKeyTypes: false },
    { expiresIn: [5] },
    { header: { kid: "other", cty: "x" }, keyid: "k" },
    { header: { alg: "HS512" } },
    { header: "none" },
    { algorithm: "HS384" },
    { algorithm: "hs256" },
    { algorithm: "HS257" },
    { expiresInn: 5 },
    { encoding: "utf8" },
    { encoding: "utf-8" },
    { header: undefined },
    { header: Object.create(null) as object },
    { expiresIn: `${"0".repeat(98)}1s` },
    { expiresIn: `${"0".repeat(99)}1s` },
  ]) {
    same(JSON.stringify(options), ({ sign }) => sign({ iat, x: 1 }, secretBytes, options));
  }
  for (const [option, claim] of Object.entries({
    audience: "aud",
    issuer: "iss",
    subject: "sub",
    jwtid: "jti",
  })) {
    same(`${option} and ${claim} at once`, ({ sign }) =>
      sign({ iat, [claim]: "x" }, secret, { [option]: "y" }),
    );
  }
  same("expiresIn and exp at once", ({ sign }) => sign({ exp: now }, secret, { expiresIn: 5 }));
  same("notBefore and nbf at once", ({ sign }) => sign({ nbf: now }, secret, { notBefore: 5 }));
  same("an object that is not plain", ({ sign }) => sign({ iat }, secret, new Map()));
  same("null, for none", ({ sign }) => sign({ iat }, secret, null));
});

describe("keys", () => {
  same("none", ({ sign }) => sign({ iat }, undefined));
  same("null", ({ sign }) => sign({ iat }, null));
  same("an empty text", ({ sign }) => sign({ iat }, ""));
  same("a number", ({ sign }) => sign({ iat }, 5));
  same("an object that is no key", ({ sign }) => sign({ iat }, { key: "x" }));
  same("bytes", ({ sign }) => sign({ iat }, secretBytes, { algorithm: "HS512" }));
  same("a secret KeyObject", ({ sign }) => sign({ iat }, secretObject));
  same("a private key for HS256", ({ sign }) => sign({ iat }, rsa.privateKey));
  same("a secret for RS256", ({ sign }) => sign({ iat }, secret, { algorithm: "RS256" }));
  same("a public KeyObject for RS256", ({ sign }) => sign({ iat }, rsa.publicKey, { algorithm: "RS256" }));
  same("a private PEM", ({ sign }) => sign({ iat }, privatePem(rsa), { algorithm: "RS256" }));
  same("an RSA key for ES256", ({ sign }) => sign({ iat }, rsa.privateKey, { algorithm: "ES256" }));
  same("P-256 for ES384", ({ sign }) => sign({ iat }, p256.privateKey, { algorithm: "ES384" }));
  same("a kind of key that is not known", ({ sign }) =>
    sign({ iat }, ed448.privateKey, { algorithm: "RS256" }),
  );
  same("a small RSA key", ({ sign }) => sign({ iat }, smallRsa.privateKey, { algorithm: "RS256" }));
  same("a small RSA key that is allowed", ({ sign }) =>
    sign({ iat }, smallRsa.privateKey, { algorithm: "RS256", allowInsecureKeySizes: true }),
  );
  same("an encrypted PEM with its passphrase", ({ sign }) =>
    sign({ iat }, { key: encryptedPem, passphrase: "pass" }, { algorithm: "RS256" }),
  );
  same("an encrypted PEM with another passphrase", ({ sign }) =>
    sign({ iat }, { key: encryptedPem, passphrase: "word" }, { algorithm: "RS256" }),
  );
  const encryptedPem = rsa.privateKey.export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "pass",
  });

  for (const [algorithm, pair] of [
    ["RS256", rsa],
    ["RS384", rsa],
    ["RS512", rsa],
    ["PS256", rsa],
    ["PS384", rsa],
    ["PS512", rsa],
    ["ES256", p256],
    ["ES384", p384],
    ["ES512", p521],
  ] as const) {
    test(`what one signs with ${algorithm} the other verifies`, () => {
      const options = { algorithm, keyid: "k", expiresIn: "1h" } as const;
      const [one, other] = [ours, theirs as unknown as typeof ours].map((face) =>
        face.sign({ iat, sub: "42" }, pair.privateKey, options),
      );
      const verifying = { clockTimestamp: now, complete: true } as const;
      const read = theirs.verify(one ?? "", publicPem(pair), verifying);
      const alike = ours.verify(other ?? "", publicPem(pair), verifying);
      expect({ ...alike, signature: "" }).toEqual({ ...read, signature: "" });
    });
  }
});

test.each(["crit", "b64", "zip"])(
  "a header with %s, which changes how a token must be read, is refused",
  (name) => {
    expect(() => ours.sign({ iat }, secret, { header: { alg: "HS256", [name]: true } })).toThrow(
      new ours.JsonWebTokenError(`"${name}" is not supported in "header"`),
    );
  },
);
