import crypto from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import {
  createSigner,
  createVerifier,
  exportJwkSet,
  exportPrivateJwk,
  exportPublicJwk,
  generateKey,
  importJwkSet,
  importKeyObject,
  type Key,
  type KeySet,
  keySet,
  type PublicJwk,
  publicKey,
  secretKey,
  TokenError,
} from "../src/index.ts";
import { createTextSigner } from "../src/signer.ts";
import { secretBytes } from "./fixtures.ts";

const secret = (number: number, kid?: string): Key => secretKey("HS256", secretBytes(number), { kid });

let pair: Key;
let ed: Key;
let jwk: PublicJwk;

beforeEach(async () => {
  pair = await generateKey("ES256", { kid: "e" });
  ed = await generateKey("Ed25519", { kid: "d" });
  jwk = exportPublicJwk(pair);
});

describe("a key set", () => {
  test("holds keys that verify: secrets, and of private keys the public halves", () => {
    const set = keySet([pair, publicKey(ed)]);
    expect(set.keys.map(({ kid, canSign }) => ({ kid, canSign }))).toEqual([
      { kid: "e", canSign: false },
      { kid: "d", canSign: false },
    ]);
    const one = secret(1);
    expect(keySet([one]).keys[0]).toBe(one);
    expect(Object.isFrozen(set) && Object.isFrozen(set.keys)).toBe(true);
  });

  test("has at least one key and at most 100", () => {
    const many = Array.from({ length: 101 }, (_, number) => secret(number, `k${number}`));
    expect(keySet(many.slice(1)).keys).toHaveLength(100);
    expect(() => keySet(many)).toThrow(new TypeError("a key set has at most 100 keys"));
    for (const keys of [[], undefined, null, {}, pair]) {
      expect(() => keySet(keys as Key[])).toThrow(new TypeError("a key set has at least one key"));
    }
  });

  test("takes only keys of this package", () => {
    expect(() => keySet([{ ...pair }])).toThrow("not a key made by this package");
    expect(() => keySet([undefined as unknown as Key])).toThrow(TypeError);
  });

  test("has no kid twice, and any number of keys without one", () => {
    expect(() => keySet([secret(1, "k"), secret(2, "k")])).toThrow(
      new TypeError("two keys of the set have the same kid"),
    );
    expect(keySet([secret(1), secret(2)]).keys).toHaveLength(2);
  });

  test("holds either secrets or public keys (RFC 8725 §3.1)", () => {
    for (const keys of [
      [secret(1, "k"), pair],
      [pair, secret(1, "k")],
    ]) {
      expect(() => keySet(keys)).toThrow(new TypeError("a key set holds either secrets or public keys"));
    }
    expect(() => keySet([secret(1), pair], { allowSecretsBesidePublicKeys: true })).toThrow(
      new TypeError("every key has a kid where secrets and public keys are mixed"),
    );
  });
});

describe("a token is checked with", () => {
  const signed = (key: Key, changes: object = {}): string =>
    createSigner({ key, type: null, lifetimeSeconds: null, ...changes })({ sub: "42" });

  const signedUnder = (key: Key, header: object): string => createTextSigner(key, header)('{"sub":"42"}');

  function verdictOf(set: KeySet, token: string): string {
    try {
      createVerifier({ keys: set, type: null, issuer: null, audience: null, expiry: "optional" })(token);
      return "accepted";
    } catch (error) {
      if (error instanceof TokenError) return error.code;
      throw error;
    }
  }

  test("the key of its kid, and no other", () => {
    const set = keySet([secret(1, "a"), secret(2, "b")]);
    expect(verdictOf(set, signed(secret(1, "a")))).toBe("accepted");
    expect(verdictOf(set, signed(secret(2, "b")))).toBe("accepted");
    expect(verdictOf(set, signed(secret(1, "b")))).toBe("bad_signature");
    expect(verdictOf(set, signed(secret(1, "c")))).toBe("unknown_key");
    const mixed = keySet([secret(1, "a"), secretKey("HS512", secretBytes(2), { kid: "b" })]);
    expect(verdictOf(mixed, signed(secret(1, "c")))).toBe("unknown_key");
  });

  test("the key of its kid only where the algorithm is that key's (RFC 8725 §3.1)", () => {
    const set = keySet([pair, ed]);
    expect(verdictOf(set, signedUnder(ed, { alg: "Ed25519", kid: "e" }))).toBe("algorithm_not_allowed");
    expect(verdictOf(set, signedUnder(ed, { alg: "ES256", kid: "e" }))).toBe("bad_signature");
    expect(verdictOf(set, signed(pair))).toBe("accepted");
  });

  test("the only key of its algorithm, where it has no kid", () => {
    const set = keySet([secret(1, "a"), secretKey("HS512", secretBytes(2), { kid: "b" })]);
    expect(verdictOf(set, signed(secret(1)))).toBe("accepted");
    expect(verdictOf(set, signed(secretKey("HS512", secretBytes(2))))).toBe("accepted");
    expect(verdictOf(keySet([secret(1, "a"), secret(2, "b")]), signed(secret(1)))).toBe("unknown_key");
    expect(verdictOf(keySet([secret(1), secret(2, "b")]), signed(secret(1)))).toBe("unknown_key");
    expect(verdictOf(set, signed(secretKey("HS384", secretBytes(2))))).toBe("algorithm_not_allowed");
  });

  test("the only key without a kid, where none has its kid", () => {
    const set = keySet([secret(1), secret(2, "b")]);
    expect(verdictOf(set, signed(secret(1, "old")))).toBe("accepted");
    expect(verdictOf(set, signed(secret(2, "old")))).toBe("bad_signature");
    expect(verdictOf(keySet([secret(1), secret(2)]), signed(secret(1, "old")))).toBe("unknown_key");
    expect(verdictOf(set, signed(secretKey("HS512", secretBytes(1), { kid: "old" })))).toBe(
      "algorithm_not_allowed",
    );
  });

  test("an Ed25519 key where it says EdDSA, the old name (RFC 9864 §4.1.2)", () => {
    for (const set of [keySet([ed]), keySet([pair, ed])]) {
      expect(verdictOf(set, signedUnder(ed, { alg: "EdDSA", kid: "d" }))).toBe("accepted");
      expect(verdictOf(set, signedUnder(ed, { alg: "EdDSA" }))).toBe("accepted");
    }
    expect(verdictOf(keySet([pair]), signedUnder(pair, { alg: "EdDSA", kid: "e" }))).toBe(
      "algorithm_not_allowed",
    );
    expect(verdictOf(keySet([pair]), signedUnder(pair, { alg: "EdDSA" }))).toBe("algorithm_not_allowed");
    expect(verdictOf(keySet([ed]), signedUnder(ed, { alg: "eddsa" }))).toBe("algorithm_not_allowed");
  });
});

describe("a JWK Set (RFC 7517 §5)", () => {
  const nameless = (): PublicJwk => ({ ...jwk, kid: undefined });

  test("KM-06: comes out as it went in, public members only", () => {
    const published = exportJwkSet(keySet([pair, ed]));
    expect(published).toEqual({ keys: [jwk, exportPublicJwk(ed)] });
    expect(exportJwkSet(importJwkSet(published))).toEqual(published);
    expect(JSON.stringify(published)).not.toContain('"d":');
  });

  test("of secrets is not exported, nor of what is no set", () => {
    expect(() => exportJwkSet(keySet([secret(1)]))).toThrow(new TypeError("a secret has no public half"));
    for (const set of [{ keys: [pair] }, { ...keySet([pair]) }]) {
      expect(() => exportJwkSet(set as unknown as KeySet)).toThrow(
        new TypeError("not a key set made by this package"),
      );
    }
  });

  test("is an object with an array of keys", () => {
    for (const value of [undefined, null, "{}", 7, [], {}, { keys: {} }, { keys: null }, { keys: "x" }]) {
      expect(() => importJwkSet(value)).toThrow(
        new TypeError("a JWK Set is an object with an array of keys (RFC 7517 §5)"),
      );
    }
  });

  test("keeps its good keys whatever else is in it (RFC 7517 §5)", () => {
    for (const member of [null, "x", 7, [jwk], {}, { ...jwk, kid: 7 }, { kty: "RSA", n: 7, e: "AQAB" }]) {
      expect(importJwkSet({ keys: [member, jwk, member] }).keys.map(({ kid }) => kid)).toEqual(["e"]);
    }
  });

  test("has at most 100 keys, of use or not", () => {
    const filler = Array.from({ length: 99 }, () => ({ kty: "unknown" }));
    expect(importJwkSet({ keys: [...filler, jwk] }).keys).toHaveLength(1);
    expect(() => importJwkSet({ keys: [...filler, {}, jwk] })).toThrow(
      new TypeError("a JWK Set has at most 100 keys"),
    );
  });

  test("may hold keys that are of no use here, which are left out", () => {
    const useless = [
      { ...jwk, kid: "1", alg: "ECDH-ES" },
      { ...jwk, kid: "2", use: "enc" },
      { ...jwk, kid: "3", y: "AAAA" },
      { kty: "new", kid: "4" },
      {},
    ];
    expect(importJwkSet({ keys: [...useless, jwk] }).keys.map(({ kid }) => kid)).toEqual(["e"]);
  });

  test("without any usable key is refused; the cause is the first key's", () => {
    const useless = {
      keys: [
        { ...jwk, alg: "ECDH-ES" },
        { ...jwk, kid: "f", use: "enc" },
      ],
    };
    const refusal = refusalOf(() => importJwkSet(useless));
    expect(refusal.message).toBe("the JWK Set holds no usable key");
    expect(refusal.cause).toEqual(new TypeError("unknown signature algorithm"));
    expect(refusalOf(() => importJwkSet({ keys: [] })).cause).toBeUndefined();
  });

  test("takes the caller's algorithm for keys that name none, and only for those", () => {
    const keys = [
      { ...nameless(), kid: "a", alg: undefined },
      { ...exportPublicJwk(ed), kid: "b" },
    ];
    expect(importJwkSet({ keys }, { algorithm: "ES256" }).keys.map(({ algorithm }) => algorithm)).toEqual([
      "ES256",
      "Ed25519",
    ]);
    expect(importJwkSet({ keys }).keys.map(({ algorithm }) => algorithm)).toEqual(["Ed25519"]);
  });

  test("holds no private key and no secret, unless it comes from where only its owner reads", () => {
    const own = exportPrivateJwk(pair);
    const oct = exportPrivateJwk(secret(1, "o"));
    for (const keys of [[own], [jwk, { ...own, kid: "f" }], [oct], [jwk, { kty: "new", k: "AAAA" }]]) {
      for (const options of [undefined, {}, { allowSecrets: false }]) {
        expect(() => importJwkSet({ keys }, options)).toThrow(
          new TypeError("the JWK Set holds secrets or private keys"),
        );
      }
    }
    expect(importJwkSet({ keys: [oct] }, { allowSecrets: true }).keys[0]?.canSign).toBe(true);
    expect(importJwkSet({ keys: [own] }, { allowSecrets: true }).keys[0]?.canSign).toBe(false);
  });

  test("that has a kid twice loses those two keys, and a key that it has twice it has once", () => {
    const twins = [jwk, { ...exportPublicJwk(ed), kid: "e" }];
    expect(importJwkSet({ keys: [...twins, exportPublicJwk(ed)] }).keys.map(({ kid }) => kid)).toEqual(["d"]);
    const refusal = refusalOf(() => importJwkSet({ keys: twins }));
    expect(refusal.message).toBe("the JWK Set holds no usable key");
    expect(refusal.cause).toEqual(new TypeError("two keys of the set have the same kid"));
    for (const other of [jwk, { ...jwk, use: "sig" }, { ...jwk, use: "enc" }, { kty: "new", kid: "e" }]) {
      expect(importJwkSet({ keys: [jwk, other] }).keys).toHaveLength(1);
    }
    expect(
      importJwkSet({ keys: [nameless(), { ...exportPublicJwk(ed), kid: undefined }] }).keys,
    ).toHaveLength(2);
  });

  test("of keys without a kid is tried key by key only where that is said", async () => {
    const second = await generateKey("ES256", { kid: "y" });
    const others = [await generateKey("ES256", { kid: "x" }), second];
    const keys = others.map((key) => ({ ...exportPublicJwk(key), kid: undefined }));
    const named = exportPublicJwk(pair);
    const verdicts = (set: KeySet): string[] =>
      [...others, pair, stranger].map((key) => {
        const verify = createVerifier({
          keys: set,
          type: null,
          issuer: null,
          audience: null,
          expiry: "optional",
        });
        try {
          return String(verify(createTextSigner(key, { alg: "ES256" })('{"sub":"42"}')).sub);
        } catch (error) {
          return (error as TokenError).code;
        }
      });
    const stranger = await generateKey("ES256");
    const each = importJwkSet({ keys: [...keys, named] }, { tryKeysWithoutKid: true });
    // What a token without a kid means is never one of the keys that have one.
    expect(verdicts(each)).toEqual(["42", "42", "bad_signature", "bad_signature"]);
    expect(verdicts(importJwkSet({ keys: [...keys, named] }))).toEqual(Array(4).fill("unknown_key"));
    expect(verdicts(keySet([pair], { tryKeysWithoutKid: true }))[2]).toBe("42");
    const verify = createVerifier({
      keys: each,
      type: null,
      issuer: null,
      audience: null,
      expiry: "optional",
    });
    const token = createTextSigner(second, { alg: "ES256" })('{"sub":"42"}');
    expect([verify(token).sub, verify(token).sub]).toEqual(["42", "42"]);
    expect(() => verify(token.slice(0, -40))).toThrow(TokenError);
  });

  test("tries RSA keys of different sizes in turn", () => {
    const pairs = [2048, 3072].map((modulusLength) => crypto.generateKeyPairSync("rsa", { modulusLength }));
    const set = keySet(
      pairs.map(({ publicKey: each }) => importKeyObject("RS256", each)),
      { tryKeysWithoutKid: true },
    );
    for (const { privateKey } of pairs) {
      const token = createTextSigner(importKeyObject("RS256", privateKey), { alg: "RS256", kid: "any" })(
        "{}",
      );
      expect(
        createVerifier({ keys: set, type: null, issuer: null, audience: null, expiry: "optional" })(token),
      ).toEqual({});
    }
  });

  test("leaves out a key whose name a broken one of its type has, too, and no other", () => {
    const [one, other] = ["one", "other"].map((kid) => ({
      ...crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" }),
      alg: "ES256",
      kid,
    }));
    const kidsOf = (...more: object[]) =>
      importJwkSet({ keys: [one, other, ...more] }).keys.map(({ kid }) => kid);
    const broken = { kty: "EC", crv: "P-256", alg: "ES256", x: "AA", y: "AA" };
    expect(kidsOf({ ...broken, kid: "one" })).toEqual(["other"]);
    expect(kidsOf({ ...broken, kid: "another" })).toEqual(["one", "other"]);
    expect(kidsOf(broken)).toEqual(["one", "other"]);
    // Of another type, or for another purpose, it was never meant.
    expect(kidsOf({ kty: "RSA", kid: "one" })).toEqual(["one", "other"]);
    expect(kidsOf({ ...broken, kid: "one", use: "enc" })).toEqual(["one", "other"]);
  });

  test("mixes secrets and public keys no more than any other set", () => {
    const keys = [jwk, exportPrivateJwk(secret(1, "o"))];
    expect(() => importJwkSet({ keys }, { allowSecrets: true })).toThrow(
      new TypeError("a key set holds either secrets or public keys"),
    );
  });
});

function refusalOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new TypeError("nothing was refused");
}
