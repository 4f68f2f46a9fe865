// What an attacker, or a slip, may do to the claims that are signed: each is refused, or signed as it was checked.
import { createHmac, randomBytes } from "node:crypto";
import {
  createSigner,
  createVerifier,
  decode,
  generateKey,
  keySet,
  publicKey,
  secretKey,
  type SignerOptions,
} from "@countersign/token";
import { describe, expect, test } from "vitest";

const bytes = randomBytes(32);
const key = secretKey("HS256", bytes, { kid: "k" });
const common = { type: "at+jwt", issuer: "https://auth.example.com", audience: "https://api.example.com" };
const sign = createSigner({ ...common, key, lifetimeSeconds: 60 });
const verify = createVerifier({ ...common, keys: keySet([key]) });

/** An answer that changes after the first look. */
function changing(first: unknown, later: unknown): () => unknown {
  let looks = 0;
  return () => (looks++ === 0 ? first : later);
}

describe("claims are refused", () => {
  test("with a toJSON that would have the last word, and leave exp, iss and aud out", () => {
    const claims = { sub: "42", toJSON: () => ({ sub: "admin" }) };
    expect(() => sign(claims)).toThrow("claims must be plain");
  });

  test("with a toJSON that comes at the second look", () => {
    const claims = Object.defineProperty({ sub: "42" }, "toJSON", {
      enumerable: true,
      get: changing(undefined, () => ({ sub: "admin" })),
    });
    expect(() => sign(claims)).toThrow("claims must be plain");
  });

  test("of a class whose toJSON hides what a copy would show", () => {
    class Account {
      readonly sub = "42";
      readonly passwordHash = "secret";
      toJSON(): object {
        return { sub: this.sub };
      }
    }
    expect(() => sign(new Account())).toThrow("claims must be plain");
    expect(() => sign(new Date())).toThrow("claims must be plain");
  });

  test.each([
    ["a circle", (): object => Object.assign(Object.create(null) as object, { a: {} })],
    ["a BigInt", (): object => ({ balance: 1n })],
    ["half a surrogate pair", (): object => ({ name: "\ud800" })],
    ["half a surrogate pair, boxed", (): object => ({ name: Object("\ud800") as unknown })],
    ["half a surrogate pair out of a toJSON", (): object => ({ name: { toJSON: (): string => "\ud800" } })],
    ["half a surrogate pair in a name", (): object => ({ "\udc00": 1 })],
    ["a boxed time", (): object => ({ iat: Object(1_700_000_000) as unknown })],
    ["a time as a text", (): object => ({ iat: "1700000000" })],
    ["a time that is NaN", (): object => ({ nbf: Number.NaN })],
    ["a time that is Infinity", (): object => ({ iat: Number.POSITIVE_INFINITY })],
    ["an exp beside the lifetime", (): object => ({ exp: 2 ** 31 })],
    ["an iss beside the issuer", (): object => ({ iss: "https://evil.example" })],
    ["an aud beside the audience", (): object => ({ aud: "https://evil.example" })],
    ["a sub that is null", (): object => ({ sub: null })],
  ])("with %s", (name, make) => {
    const claims = make() as { a?: object };
    if (name === "a circle") claims.a = claims;
    expect(() => sign(claims)).toThrow(TypeError);
  });
});

describe("claims are signed as they were checked", () => {
  test("though a getter changes its answer", () => {
    const claims = Object.defineProperty({}, "sub", { enumerable: true, get: changing("42", "admin") });
    expect(verify(sign(claims)).sub).toBe("42");
  });

  test("though a getter of iat changes its answer", () => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = Object.defineProperty({}, "iat", { enumerable: true, get: changing(iat, iat + 1e6) });
    expect(verify(sign(claims))).toMatchObject({ iat, exp: iat + 60 });
  });

  test("from the object's own members, not from its prototypes", () => {
    expect(verify(sign(Object.create({ roles: ["admin"] }) as object))).not.toHaveProperty("roles");
  });

  test("with a member __proto__ that is a member and nothing more", () => {
    const claims = verify(sign(JSON.parse('{"__proto__":{"admin":true}}') as object));
    expect(Object.hasOwn(claims, "__proto__")).toBe(true);
    expect("admin" in claims).toBe(false);
    expect("admin" in {}).toBe(false);
  });

  test("once: the bytes that the signature covers are the bytes of the payload", () => {
    const [header, payload, signature] = sign({ sub: "42" }).split(".");
    const mac = createHmac("sha256", bytes).update(`${header}.${payload}`).digest("base64url");
    expect(signature).toBe(mac);
  });
});

describe("the header", () => {
  test("is the signer's alone: no claim gets into it, and no option changes alg", () => {
    const { header } = decode(sign({ alg: "none", kid: "other", b64: false, crit: ["b64"] }));
    expect(header).toEqual({ alg: "HS256", typ: "at+jwt", kid: "k" });
    const options = { ...common, key, lifetimeSeconds: 60, header: { alg: "none" } };
    expect(() => createSigner(options as SignerOptions)).toThrow("unknown option header");
  });

  test("names a kid and a type that are texts", () => {
    expect(() => secretKey("HS256", bytes, { kid: 7 as unknown as string })).toThrow(TypeError);
    expect(() => createSigner({ ...common, key, lifetimeSeconds: 60, type: 7 as unknown as string })).toThrow(
      TypeError,
    );
  });
});

test("a lifetime is whole seconds: no text, whose unit one must guess, and no fraction", () => {
  for (const lifetimeSeconds of ["120", "2h", 0.5, 0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => createSigner({ ...common, key, lifetimeSeconds: lifetimeSeconds as number })).toThrow(
      TypeError,
    );
  }
});

test("an empty secret and a public key do not sign", async () => {
  expect(() => secretKey("HS256", new Uint8Array())).toThrow(TypeError);
  const pair = await generateKey("Ed25519");
  expect(() => createSigner({ ...common, key: publicKey(pair), lifetimeSeconds: 60 })).toThrow("cannot sign");
});
