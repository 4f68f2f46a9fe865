import { describe, expect, test } from "vitest";
import {
  createSigner,
  createVerifier,
  decode,
  generateKey,
  type Key,
  keySet,
  publicKey,
  secretKey,
  type Signer,
  type SignerOptions,
} from "../src/index.ts";
import { secretBytes } from "./fixtures.ts";

const now = 1_700_000_000;
const options = { type: "at+jwt", lifetimeSeconds: 600, now: () => now } as const;
const bare = { type: null, lifetimeSeconds: null } as const;

const makeKey = (): Key => secretKey("HS256", secretBytes(), { kid: "k" });

/** A signer that is told what a program without types may tell it. */
function signerWith(changes: object = {}): Signer {
  const told: SignerOptions = { key: makeKey(), ...options, ...changes };
  return createSigner(told);
}

/** What was signed, as JSON text: the order of members counts. */
function payloadOf(token: string): string {
  return Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
}

describe("a signed token", () => {
  test("has the header alg, typ and kid, as far as they are known (RFC 7515 §4.1)", () => {
    const headerOf = (changes: object): unknown =>
      JSON.stringify(decode(signerWith({ ...bare, ...changes })({})).header);
    expect(headerOf({ type: "at+jwt" })).toBe('{"alg":"HS256","typ":"at+jwt","kid":"k"}');
    expect(headerOf({ key: secretKey("HS512", secretBytes()) })).toBe('{"alg":"HS512"}');
  });

  test("has the caller's claims and behind them those that the signer adds", () => {
    const sign = signerWith({ issuer: "https://issuer.example", audience: ["a", "b"] });
    expect(payloadOf(sign({ sub: "42", roles: ["user"] }))).toBe(
      `{"sub":"42","roles":["user"],"iss":"https://issuer.example","aud":["a","b"],"iat":${now},"exp":${now + 600}}`,
    );
    expect(payloadOf(signerWith({ audience: "a" })({}))).toBe(`{"aud":"a","iat":${now},"exp":${now + 600}}`);
  });

  test("has neither iss, aud nor exp where the signer was told so", () => {
    expect(payloadOf(signerWith(bare)({}))).toBe(`{"iat":${now}}`);
    expect(payloadOf(signerWith({ ...bare, issuer: null, audience: null })({}))).toBe(`{"iat":${now}}`);
  });

  test("may bring the claims that the signer was not told", () => {
    const given = { iss: "me", aud: "you", exp: now + 1, iat: now };
    expect(decode(signerWith(bare)(given)).payload).toEqual(given);
  });

  test("is issued when the claims say so, and expires from then on", () => {
    expect(decode(signerWith()({ iat: 1000 })).payload).toEqual({ iat: 1000, exp: 1600 });
    expect(decode(signerWith()({ iat: 0 })).payload).toEqual({ iat: 0, exp: 600 });
    expect(decode(signerWith()({ iat: undefined })).payload).toEqual({ iat: now, exp: now + 600 });
  });

  test("is issued now, in whole seconds of the system's clock, where no clock was given", () => {
    const before = Math.floor(Date.now() / 1000);
    const { iat } = decode(createSigner({ key: makeKey(), type: null, lifetimeSeconds: 600 })({})).payload;
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(iat).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
  });

  test("may be of characters that are not ASCII", () => {
    const token = signerWith()({ name: "Zoë 👋", iat: now });
    const verify = createVerifier({
      keys: keySet([makeKey()]),
      type: "at+jwt",
      issuer: null,
      audience: null,
      now: () => now,
    });
    expect(verify(token)).toMatchObject({ name: "Zoë 👋" });
  });

  test("holds what was checked: a getter of the claims is read once", () => {
    let reads = 0;
    const claims = {
      get sub() {
        reads += 1;
        return reads === 1 ? "42" : 42;
      },
    };
    expect(decode(signerWith()(claims)).payload["sub"]).toBe("42");
  });

  test("does not change when the caller's list of audiences does", () => {
    const audience = ["a"];
    const sign = signerWith({ audience });
    audience.push("b");
    expect(decode(sign({})).payload["aud"]).toEqual(["a"]);
  });
});

describe("a signer refuses", () => {
  const sign: Signer = (claims) => signerWith({ issuer: "me", audience: "you" })(claims);

  test.each([undefined, null, "claims", 7, []])("claims that are no object: %j", (claims) => {
    expect(() => sign(claims as unknown as object)).toThrow(new TypeError("claims must be an object"));
  });

  test.each(["iss", "aud", "exp"])("the claim %s that it adds itself", (name) => {
    expect(() => sign({ [name]: "x" })).toThrow(new TypeError(`the signer adds the claim ${name} itself`));
    expect(decode(sign({ [name]: undefined })).payload).toHaveProperty(name);
  });

  test.each([
    ["sub", 42],
    ["jti", null],
    ["nbf", "soon"],
    ["iat", -1],
    ["iat", 253_402_300_800],
  ])("the claim %s of %j, which a strict verifier would refuse", (name, value) => {
    expect(() => signerWith(bare)({ [name]: value })).toThrow(
      new TypeError(`the claim ${name} is of the wrong type or out of range`),
    );
  });

  test("an exp beyond the year 9999", () => {
    expect(() => sign({ iat: 253_402_300_799 })).toThrow(
      "the claim exp is of the wrong type or out of range",
    );
  });

  test("claims that cannot be written as JSON a strict reader takes", () => {
    expect(() => sign({ name: "\ud800" })).toThrow(TypeError);
    expect(() => sign({ big: 1n })).toThrow(TypeError);
  });
});

describe("a signer is not made", () => {
  test("with an option that is not known", () => {
    expect(() => signerWith({ expiresIn: 60 })).toThrow(new TypeError("unknown option expiresIn"));
  });

  test("of a key that cannot sign, or that this package did not make", async () => {
    const pair = await generateKey("ES256");
    expect(() => signerWith({ key: publicKey(pair) })).toThrow(new TypeError("a public key cannot sign"));
    for (const other of [{ algorithm: "HS256", kid: "k", canSign: true }, { ...makeKey() }]) {
      expect(() => signerWith({ key: other })).toThrow(new TypeError("not a key made by this package"));
    }
  });

  test.each(["type", "lifetimeSeconds"])("without %s, or null for none", (name) => {
    expect(() => signerWith({ [name]: undefined })).toThrow(TypeError);
    expect(() => signerWith({ [name]: null })).not.toThrow();
  });

  test.each(["type", "issuer", "audience"])("with a %s that is no text, or empty", (name) => {
    for (const value of ["", 7, {}, true]) {
      expect(() => signerWith({ [name]: value }), JSON.stringify(value)).toThrow(
        new TypeError(`${name} must be a string that is not empty`),
      );
    }
  });

  test("with audiences of which one is no text, or none", () => {
    for (const value of [[""], ["a", 7], [null]]) {
      expect(() => signerWith({ audience: value })).toThrow(
        new TypeError("audience must be strings that are not empty"),
      );
    }
    expect(() => signerWith({ audience: [] })).toThrow(new TypeError("audience must not be an empty array"));
  });

  test("with a lifetime that is not whole seconds from 1 to 2³²", () => {
    for (const value of ["600", 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => signerWith({ lifetimeSeconds: value }), JSON.stringify(value)).toThrow(
        new TypeError("lifetimeSeconds must be an integer"),
      );
    }
    for (const value of [0, -1, 2 ** 32 + 1]) {
      expect(() => signerWith({ lifetimeSeconds: value }), JSON.stringify(value)).toThrow(
        new TypeError("lifetimeSeconds must be a number from 1 to 4294967296"),
      );
    }
    for (const value of [1, 2 ** 32]) {
      expect(decode(signerWith({ lifetimeSeconds: value })({})).payload["exp"]).toBe(now + value);
    }
  });

  test("with a clock that is no function", () => {
    expect(() => signerWith({ now: now })).toThrow(new TypeError("now must be a function"));
  });
});

test.each(["ES256", "RS256", "Ed25519", "PS256"] as const)(
  "a long token by %s, and a short one after it, hold as any other",
  async (algorithm) => {
    const key = await generateKey(algorithm);
    const sign = createSigner({ key, type: null, lifetimeSeconds: 600 });
    const verify = createVerifier({
      keys: keySet([key]),
      type: null,
      issuer: null,
      audience: null,
      maxTokenLength: 2 ** 20,
    });
    for (const length of [10, 5000, 10, 100_000, 5000]) {
      const name = "x".repeat(length);
      expect(verify(sign({ name }))).toMatchObject({ name });
    }
  },
);
