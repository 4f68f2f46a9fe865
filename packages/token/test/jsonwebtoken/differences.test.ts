/** Where our face of jsonwebtoken differs from it, on purpose. The table in the docs has one row for each. */
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import ours, { JsonWebTokenError } from "@countersign/token/jsonwebtoken";
import theirs from "jsonwebtoken";
import { describe, expect, test } from "vitest";
import { TokenError } from "../../src/index.ts";
import {
  type Difference,
  different,
  ed25519,
  forge,
  now,
  p256,
  publicPem,
  rsa,
  secret,
  smallRsa,
  tokenOf,
} from "./side-by-side.ts";

const at = { clockTimestamp: now };
const token = tokenOf({ sub: "42", iat: now, exp: now + 9 });
const jwt = { alg: "HS256", typ: "JWT" };
/** Everybody agrees on the exponent 65,537 since forgers found ways with 3 (FIPS 186-5 §A.1.1). */
const weakRsa = generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 });
const short = "only 24 bytes of secret.";

const differences: Record<string, Difference> = {
  '`algorithm: "none"` signs': {
    run: ({ sign }) => sign({ iat: now }, null, { algorithm: "none" }),
    theirs: theirs.sign({ iat: now }, null, { algorithm: "none" }),
    ours: '"none" is no signature: unsigned tokens are not supported',
  },
  '`header: { alg: "none" }` signs': {
    run: ({ sign }) => typeof sign({ iat: now }, secret, { header: { alg: "none" } }),
    theirs: "string",
    ours: '"none" is no signature: unsigned tokens are not supported',
  },
  '`algorithms: ["none"]` verifies an unsigned token': {
    run: ({ verify }) =>
      verify(theirs.sign({ iat: now }, null, { algorithm: "none" }), null, { algorithms: ["none"] }),
    theirs: { iat: now },
    ours: "jwt signature is required",
  },
  "a public key signs as a secret": {
    run: ({ sign }) => typeof sign({ iat: now }, publicPem(rsa)),
    theirs: "string",
    ours: "secretOrPrivateKey must not be a public key",
  },
  "a public key that is not PEM verifies as a secret": {
    run: ({ verify }) => {
      const der = rsa.publicKey.export({ type: "spki", format: "der" });
      return verify(forge(jwt, { admin: true }, der), der);
    },
    theirs: { admin: true },
    ours: "secretOrPublicKey is a public key, which must be given as PEM or KeyObject",
  },
  "a damaged PEM verifies as a secret": {
    run: ({ verify }) => {
      const pem = publicPem(rsa).replace("-----END PUBLIC KEY-----", "");
      return verify(forge(jwt, { admin: true }, pem), pem);
    },
    theirs: { admin: true },
    ours: "secretOrPublicKey is not valid key material",
  },
  "a secret shorter than the hash signs": {
    run: ({ sign }) => typeof sign({ iat: now }, short),
    theirs: "string",
    ours: "secretOrPrivateKey has a minimum key size of 256 bits for HS256: take a longer one, or allowInsecureKeySizes: true",
  },
  "a secret shorter than the hash verifies": {
    run: ({ verify }) => verify(theirs.sign({ iat: now }, short), short),
    theirs: { iat: now },
    ours: "secretOrPublicKey has a minimum key size of 256 bits for HS256: take a longer one, or allowInsecureKeySizes: true",
  },
  "an RSA key below 2,048 bits verifies": {
    run: ({ verify }) =>
      verify(
        theirs.sign({ iat: now }, smallRsa.privateKey, { algorithm: "RS256", allowInsecureKeySizes: true }),
        smallRsa.publicKey,
      ),
    theirs: { iat: now },
    ours: "secretOrPublicKey has a minimum key size of 2048 bits for RS256",
  },
  "an RSA key with the exponent 3 verifies": {
    run: ({ verify }) =>
      verify(theirs.sign({ iat: now }, weakRsa.privateKey, { algorithm: "RS256" }), weakRsa.publicKey),
    theirs: { iat: now },
    ours: "secretOrPublicKey is not a sound key for RS256",
  },
  "a secret that tutorials show": {
    run: ({ sign }) => typeof sign({ iat: now }, "a-string-secret-at-least-256-bits-long"),
    theirs: "string",
    ours: "secretOrPrivateKey is not a sound key for HS256",
  },
  "a secret that a person made up": {
    run: ({ sign }) => typeof sign({ iat: now }, "my-super-secret-jwt-key-change-in-production"),
    theirs: "string",
    ours: "secretOrPrivateKey can be guessed: take random bytes, or allowInsecureKeySizes: true until all tokens under it have died",
  },
  "a header whose `typ` or `kid` is no text": {
    run: ({ verify }) => [
      verify(forge({ alg: "HS256", typ: 7 }, { iat: now }, secret), secret),
      verify(forge({ alg: "HS256", kid: 7 }, { iat: now }, secret), secret),
    ],
    theirs: [{ iat: now }, { iat: now }],
    ours: "invalid token",
  },
  "a payload that is a text or a truth value": {
    run: ({ verify }) => [
      verify(forge(jwt, '"x"', secret), secret),
      verify(forge(jwt, "true", secret), secret),
    ],
    theirs: ["x", true],
    ours: "invalid token",
  },
  "`clockTimestamp: NaN`": {
    run: ({ verify }) => verify(tokenOf({ iat: now }), secret, { clockTimestamp: Number.NaN }),
    theirs: { iat: now },
    ours: "clockTimestamp must be a number",
  },
  "options of `sign` that are no object": {
    run: ({ sign }) => typeof sign({ iat: now }, secret, ""),
    theirs: "string",
    ours: 'Expected "options" to be a plain object.',
  },
  '`header: { alg: "x" }` signs': {
    run: ({ sign }) => typeof sign({ iat: now }, secret, { header: { alg: undefined } }),
    theirs: "Cannot read properties of undefined (reading 'startsWith')",
    ours: '"algorithm" must be a valid string enum value',
  },
  "`subject: 7`, in words": {
    run: ({ verify }) => verify(token, secret, { ...at, subject: 7 }),
    theirs: "jwt subject invalid. expected: 7",
    ours: "subject must be a non-empty string",
  },
  "`encoding: 7`, in words": {
    run: ({ sign }) => sign({ iat: now }, secret, { encoding: 7 }),
    theirs: '"encoding" must be a string',
    ours: '"encoding" must be utf8',
  },
  "`allowInvalidAsymmetricKeyTypes: 7`, in words": {
    run: ({ verify }) => verify(token, secret, { ...at, allowInvalidAsymmetricKeyTypes: 7 }),
    theirs: "allowInvalidAsymmetricKeyTypes must be a boolean",
    ours: "allowInvalidAsymmetricKeyTypes is not supported",
  },
  "a token that is 0 or false, in words": {
    run: ({ verify }) => verify(0, secret),
    theirs: "jwt must be provided",
    ours: "jwt must be a string",
  },
  "a key that is 0 or false, in words": {
    run: ({ verify }) => verify(token, 0),
    theirs: "secret or public key must be provided",
    ours: "secretOrPublicKey is not valid key material",
  },
  "`allowInvalidAsymmetricKeyTypes: true`": {
    run: ({ verify }) => verify(token, secret, { ...at, allowInvalidAsymmetricKeyTypes: true }),
    theirs: { sub: "42", iat: now, exp: now + 9 },
    ours: "allowInvalidAsymmetricKeyTypes is not supported",
  },
  "an Ed25519 key": {
    run: ({ sign }) => typeof sign({ iat: now }, ed25519.privateKey, { algorithm: "Ed25519" }),
    theirs: '"algorithm" must be a valid string enum value',
    ours: "string",
  },
  "`algorithms` that is a text": {
    run: ({ verify }) => verify(token, secret, { ...at, algorithms: "HS256,none" }),
    theirs: { sub: "42", iat: now, exp: now + 9 },
    ours: "algorithms must be an array of strings",
  },
  '`issuer: ""` and other empty expectations': {
    run: ({ verify }) => verify(token, secret, { ...at, issuer: "" }),
    theirs: { sub: "42", iat: now, exp: now + 9 },
    ours: "issuer must be a non-empty string or an array of them",
  },
  "`null` as an option of `verify`": {
    run: ({ verify }) => verify(token, secret, { ...at, clockTolerance: null }),
    theirs: { sub: "42", iat: now, exp: now + 9 },
    ours: "clockTolerance must be a number of seconds",
  },
  "`ignoreExpiration: 1`": {
    run: ({ verify }) => verify(token, secret, { clockTimestamp: now + 99, ignoreExpiration: 1 }),
    theirs: { sub: "42", iat: now, exp: now + 9 },
    ours: "jwt expired",
  },
  "`issuer: /me/`": {
    run: ({ verify }) => verify(token, secret, { ...at, issuer: /me/ }),
    theirs: { sub: "42", iat: now, exp: now + 9 },
    ours: "issuer must be a non-empty string or an array of them",
  },
  "`audience: [undefined]`": {
    run: ({ verify }) => verify(token, secret, { ...at, audience: [undefined] }),
    theirs: { sub: "42", iat: now, exp: now + 9 },
    ours: "audience must be a non-empty string, a RegExp or an array of them",
  },
  "`audience: /.*/` and a token without `aud`": {
    run: ({ verify }) => verify(token, secret, { ...at, audience: /.*/ }),
    theirs: { sub: "42", iat: now, exp: now + 9 },
    ours: "jwt audience invalid. expected: /.*/",
  },
  "`audience: /a/g`, called twice": {
    run: ({ verify }) => {
      const audience = /a/g;
      const single = tokenOf({ aud: "a", iat: now });
      return [verify(single, secret, { audience }), verify(single, secret, { audience })];
    },
    theirs: "jwt audience invalid. expected: /a/g",
    ours: [
      { aud: "a", iat: now },
      { aud: "a", iat: now },
    ],
  },
  "`clockTolerance` that is a text or Infinity": {
    run: ({ verify }) =>
      verify(tokenOf({ iat: now - 9999, exp: now - 999 }), secret, { ...at, clockTolerance: "60" }),
    theirs: { iat: now - 9999, exp: now - 999 },
    ours: "clockTolerance must be a number of seconds",
  },
  "`maxAge: 0`": {
    run: ({ verify }) => verify(tokenOf({ iat: now - 999 }), secret, { ...at, maxAge: 0 }),
    theirs: { iat: now - 999 },
    ours: "maxAge exceeded",
  },
  "`maxAge: Infinity`": {
    run: ({ verify }) =>
      verify(tokenOf({ iat: now - 999 }), secret, { ...at, maxAge: Number.POSITIVE_INFINITY }),
    theirs: { iat: now - 999 },
    ours: '"maxAge" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60',
  },
  "`maxAge` and a token with `iat: 0`": {
    run: ({ verify }) => verify(forge(jwt, { iat: 0 }), secret, { maxAge: 60 }),
    theirs: { iat: 0 },
    ours: "maxAge exceeded",
  },
  "`exp` that is no finite number": {
    run: ({ verify }) => verify(forge(jwt, '{"exp":1e400}'), secret),
    theirs: { exp: Number.POSITIVE_INFINITY },
    ours: "invalid exp value",
  },
  "a header with `crit`": {
    run: ({ verify }) => verify(forge({ ...jwt, crit: ["exp"] }, { iat: now }), secret),
    theirs: { iat: now },
    ours: "jwt header asks for an extension that is not supported",
  },
  "`header: { b64: false }` signs": {
    run: ({ sign }) => typeof sign({ iat: now }, secret, { header: { b64: false } }),
    theirs: "string",
    ours: '"b64" is not supported in "header"',
  },
  "a claim twice": {
    run: ({ verify }) => verify(forge(jwt, '{"admin":false,"admin":true}'), secret),
    theirs: { admin: true },
    ours: "invalid token",
  },
  "a signature that is not canonical base64url": {
    run: ({ verify }) => {
      // 256 bytes leave four bits of the last character unused: sixteen texts for one signature.
      const signed = theirs.sign({ iat: now }, rsa.privateKey, { algorithm: "RS256" });
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      return verify(signed.slice(0, -1) + alphabet[alphabet.indexOf(signed.at(-1) ?? "") + 1], rsa.publicKey);
    },
    theirs: { iat: now },
    ours: "invalid signature",
  },
  "bytes that are not UTF-8": {
    run: ({ verify }) => verify(forge(jwt, Buffer.from('{"sub":"\xff"}', "latin1")), secret),
    theirs: { sub: "\ufffd" },
    ours: "invalid token",
  },
  'a payload that is not JSON, under `typ: "JWT"`': {
    run: ({ verify }) => verify(forge(jwt, "{"), secret),
    theirs: expect.stringContaining("JSON"),
    ours: "invalid token",
  },
  "a payload that is null, a number or an array": {
    run: ({ verify }) => verify(forge(jwt, "null"), secret),
    theirs: "Cannot read properties of null (reading 'nbf')",
    ours: "invalid token",
  },
  "a signature of the wrong length": {
    run: ({ verify }) =>
      verify(
        theirs.sign({ iat: now }, p256.privateKey, { algorithm: "ES256" }).replace(/.{8}$/, ""),
        p256.publicKey,
      ),
    theirs: expect.stringContaining("signatures must be"),
    ours: "invalid signature",
  },
  "a token of more than 1,048,576 characters": {
    run: ({ verify }) => typeof verify(tokenOf({ iat: now, x: "x".repeat(2 ** 20) }), secret),
    theirs: "object",
    ours: "jwt is too long",
  },
  "`decode` of what is not well-formed": {
    run: ({ decode }) => decode(forge(jwt, "{")),
    theirs: expect.stringContaining("JSON"),
    ours: null,
  },
  "`decode` of bytes": {
    run: ({ decode }) => decode(Buffer.from(token)),
    theirs: { sub: "42", iat: now, exp: now + 9 },
    ours: null,
  },
  "a claim named `valueOf`": {
    run: ({ sign }) => typeof sign({ iat: now, valueOf: 1 }, secret),
    theirs: "validator.isValid is not a function",
    ours: "string",
  },
  "`encoding` other than UTF-8": {
    run: ({ sign }) => typeof sign({ iat: now }, secret, { encoding: "latin1" }),
    theirs: "string",
    ours: '"encoding" must be utf8',
  },
  "claims that are NaN or Infinity": {
    run: ({ sign }) => typeof sign({ iat: now, exp: Number.NaN }, secret),
    theirs: "string",
    ours: '"exp" should be a number of seconds',
  },
  "a BigInt or a circle among the claims": {
    run: ({ sign }) => typeof sign({ iat: now, balance: 1n }, secret),
    theirs: expect.stringContaining("BigInt"),
    ours: "payload cannot be written as JSON",
  },
  "half a surrogate pair": {
    run: ({ sign }) => typeof sign({ iat: now, name: "\ud800" }, secret),
    theirs: "string",
    ours: "payload is not a JSON object that a strict reader accepts",
  },
};

for (const [name, difference] of Object.entries(differences)) different(name, difference);

test("`allowInvalidAsymmetricKeyTypes: true` signs nothing either", () => {
  const options = { allowInvalidAsymmetricKeyTypes: true as false };
  expect(() => ours.sign({ iat: now }, secret, options)).toThrow(
    '"allowInvalidAsymmetricKeyTypes" is not supported',
  );
});

test("the documentation lists these differences and no others", () => {
  const page = readFileSync(new URL("../../docs/coming-from-jsonwebtoken.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (?<name>.+?) \|/gm)].map(({ groups }) => groups?.["name"]);
  expect(rows.slice(1)).toEqual(Object.keys(differences));
});

describe("an expectation that could never fail, or never hold, is refused by its name", () => {
  const expectations: [name: string, values: readonly unknown[], message: string][] = [
    ["subject", ["", 42, null, ["42"]], "subject must be a non-empty string"],
    ["jwtid", ["", 42, null, ["j"]], "jwtid must be a non-empty string"],
    ["nonce", ["", " ", 42, null], "nonce must be a non-empty string"],
    ["issuer", ["", 42, null, [""], ["me", 42]], "issuer must be a non-empty string or an array of them"],
    [
      "audience",
      ["", 42, null, [""], ["a", 42]],
      "audience must be a non-empty string, a RegExp or an array of them",
    ],
    ["algorithms", ["HS256", null, [""], ["HS256", 42]], "algorithms must be an array of strings"],
    ["clockTimestamp", ["1", null, Number.NaN, Number.POSITIVE_INFINITY], "clockTimestamp must be a number"],
    [
      "clockTolerance",
      ["1", null, Number.NaN, Number.POSITIVE_INFINITY],
      "clockTolerance must be a number of seconds",
    ],
  ];
  for (const [name, values, message] of expectations) {
    test.each(values)(`${name} %j`, (value) => {
      expect(() => ours.verify(token, secret, { ...at, [name]: value })).toThrow(
        new JsonWebTokenError(message),
      );
    });
    test(`${name} undefined is none`, () => {
      expect(ours.verify(tokenOf({ iat: now }), secret, { ...at, [name]: undefined })).toEqual({ iat: now });
    });
  }
});

describe("a token that is refused although jsonwebtoken takes it", () => {
  test.each([
    ["a claim twice, where typ is absent too", { alg: "HS256" }, '{"a":1,"a":2}'],
    ["an array, where typ is absent too", { alg: "HS256" }, "[1]"],
    ["bytes that are no text", { alg: "HS256" }, Buffer.from([0xff])],
    ["a token within a token", { ...jwt, cty: "JWT" }, {}],
  ])("%s", (_name, header, payload) => {
    expect(() => ours.verify(forge(header, payload), secret)).toThrow("invalid token");
    expect(theirs.verify(forge(header, payload), secret)).toBeDefined();
  });

  test("has a payload that is not canonical; the engine's reason is inside", () => {
    const input = `${token.split(".")[0]}.e30=`;
    const signed = `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
    expect(() => ours.verify(signed, secret)).toThrow(
      expect.objectContaining({ message: "invalid token", inner: new TokenError("malformed") }),
    );
  });

  test("has more than 1,048,576 characters", () => {
    expect(() => ours.verify("x".repeat(2 ** 20), secret)).toThrow("jwt malformed");
    expect(() => ours.verify("x".repeat(2 ** 20 + 1), secret)).toThrow("jwt is too long");
  });

  test("cannot be signed: claims that become nothing, or a text", () => {
    for (const toJSON of [() => undefined, () => "text"]) {
      expect(() => ours.sign({ iat: now, toJSON }, secret)).toThrow(
        "payload is not a JSON object that a strict reader accepts",
      );
    }
  });
});

describe("EdDSA, the old name of Ed25519", () => {
  const [, payload] = token.split(".");
  const input = `${Buffer.from('{"alg":"EdDSA"}').toString("base64url")}.${payload}`;
  const signed = `${input}.${sign(null, Buffer.from(input), ed25519.privateKey).toString("base64url")}`;

  test("verifies, also where it is asked for, and only where Ed25519 is not", () => {
    expect(ours.verify(signed, ed25519.publicKey, at)).toMatchObject({ sub: "42" });
    expect(ours.verify(signed, ed25519.publicKey, { ...at, algorithms: ["EdDSA"] })).toMatchObject({
      sub: "42",
    });
    expect(() => ours.verify(signed, ed25519.publicKey, { ...at, algorithms: ["Ed25519"] })).toThrow(
      "invalid algorithm",
    );
  });

  test("does not sign", () => {
    expect(() => ours.sign({ iat: now }, ed25519.privateKey, { algorithm: "EdDSA" as "Ed25519" })).toThrow(
      '"algorithm" must be a valid string enum value',
    );
  });
});

describe("allowInsecureKeySizes", () => {
  const insecure = { allowInsecureKeySizes: true };

  test("lets short secrets sign and verify, with the same MAC", () => {
    for (const algorithm of ["HS256", "HS384", "HS512"] as const) {
      const signed = ours.sign({ iat: now }, short, { ...insecure, algorithm });
      expect(signed).toBe(theirs.sign({ iat: now }, short, { algorithm }));
      expect(ours.verify(signed, short, insecure)).toEqual({ iat: now });
      expect(() => ours.verify(signed, `${short}x`, insecure)).toThrow("invalid signature");
    }
  });

  test("does not let an empty secret sign", () => {
    expect(() => ours.sign({ iat: now }, Buffer.alloc(0), insecure)).toThrow("minimum key size");
  });

  test("lets small RSA keys sign and verify", () => {
    const signed = ours.sign({ iat: now }, smallRsa.privateKey, { ...insecure, algorithm: "PS256" });
    expect(ours.verify(signed, smallRsa.publicKey, insecure)).toEqual({ iat: now });
    expect(theirs.verify(signed, smallRsa.publicKey)).toEqual({ iat: now });
  });
});

describe("a public key is no secret in any form", () => {
  const { publicKey } = rsa;
  const forms: Record<string, string | Buffer> = {
    PEM: publicPem(rsa),
    "PEM after a blank line": `\n${publicPem(rsa)}`,
    "PKCS #1 PEM": publicKey.export({ type: "pkcs1", format: "pem" }),
    DER: publicKey.export({ type: "spki", format: "der" }),
    "PKCS #1 DER": publicKey.export({ type: "pkcs1", format: "der" }),
    "DER of P-256": p256.publicKey.export({ type: "spki", format: "der" }),
    "DER of Ed25519": ed25519.publicKey.export({ type: "spki", format: "der" }),
    "base64 of DER": publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    JWK: JSON.stringify(publicKey.export({ format: "jwk" })),
    OpenSSH: `ssh-rsa ${Buffer.from("0000ssh-rsa and the rest").toString("base64").replace(/^.{4}/, "AAAA")} me@here`,
  };
  for (const [name, form] of Object.entries(forms)) {
    test(name, () => {
      expect(() => ours.sign({ iat: now }, form)).toThrow(/public key/);
      expect(() => ours.verify(forge(jwt, { admin: true }, form), form)).toThrow(
        /public key|invalid algorithm/,
      );
      expect(() => ours.verify(forge(jwt, { admin: true }, form), form, { algorithms: ["HS256"] })).toThrow(
        /public key|must be a symmetric key/,
      );
    });
  }

  test("but a secret that looks a little like one is a secret", () => {
    for (const text of [
      "MIIBq8Zr2LwXu5Kc9TfYv0JmSg7HdQn3PbEa1RoWtUiVy4C+/==",
      '{"kty":"none of them", but no JWK at all: 6fXq}',
    ]) {
      expect(ours.verify(ours.sign({ iat: now }, text), text)).toEqual({ iat: now });
    }
  });
});
