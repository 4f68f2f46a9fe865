import crypto from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import {
  createSigner,
  createVerifier,
  exportPrivateJwk,
  exportPublicJwk,
  generateKey,
  importJwk,
  type Jwk,
  keySet,
  publicKey,
  secretKey,
} from "../src/index.ts";
import { secretBytes } from "./fixtures.ts";

type Members = Record<string, unknown>;

/** A JWK that nobody has typed: what comes from outside is any JSON. */
const importAny = (
  members: Members,
  options?: Parameters<typeof importJwk>[1],
): ReturnType<typeof importJwk> => importJwk(members as unknown as Jwk, options);

/** A key of the runtime's own, with all the members that an export of this package has. */
function jwkOf({ privateKey }: { privateKey: crypto.KeyObject }, alg: string, kid: string): Members {
  return { ...privateKey.export({ format: "jwk" }), alg, kid, use: "sig" };
}

const rsa = jwkOf(crypto.generateKeyPairSync("rsa", { modulusLength: 2048 }), "RS256", "r");
const ec = jwkOf(crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }), "ES256", "e");
const ed = jwkOf(crypto.generateKeyPairSync("ed25519"), "Ed25519", "d");
const lattice = jwkOf(crypto.generateKeyPairSync("ml-dsa-44"), "ML-DSA-44", "m");
const oct = { kty: "oct", alg: "HS256", kid: "o", k: Buffer.from(secretBytes(1, 32)).toString("base64url") };

const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "priv"];

function publicHalf(jwk: Members): Members {
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !privateMembers.includes(name)));
}

function without(jwk: Members, ...names: readonly string[]): Members {
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)));
}

const pairs: [type: string, jwk: Members][] = [
  ["RSA", rsa],
  ["EC", ec],
  ["OKP", ed],
  ["AKP", lattice],
];

describe.each(pairs)("a JWK of type %s", (_type, jwk) => {
  test("is imported as a private key, which signs what its public half verifies", () => {
    const key = importAny(jwk);
    expect(key).toMatchObject({ algorithm: jwk["alg"], kid: jwk["kid"], canSign: true });
    const token = createSigner({ key, type: null, lifetimeSeconds: 60 })({ sub: "1" });
    const keys = keySet([importAny(publicHalf(jwk))]);
    expect(createVerifier({ keys, type: null, issuer: null, audience: null })(token).sub).toBe("1");
  });

  test("is imported as a public key", () => {
    expect(importAny(publicHalf(jwk))).toMatchObject({
      algorithm: jwk["alg"],
      kid: jwk["kid"],
      canSign: false,
    });
  });

  test("comes out as it went in", () => {
    expect(exportPrivateJwk(importAny(jwk))).toEqual(jwk);
    expect(exportPublicJwk(importAny(jwk))).toEqual(publicHalf(jwk));
    expect(exportPublicJwk(importAny(publicHalf(jwk)))).toEqual(publicHalf(jwk));
  });

  test("is refused without any one of its members", () => {
    for (const name of Object.keys(without(publicHalf(jwk), "kid", "use", "alg"))) {
      expect(() => importAny(without(publicHalf(jwk), name)), name).toThrow(TypeError);
      expect(() => importAny({ ...publicHalf(jwk), [name]: 1 }), name).toThrow(TypeError);
    }
    const present = privateMembers.filter((name) => name in jwk);
    for (const name of present.length > 1 ? present : []) {
      expect(() => importAny(without(jwk, name)), name).toThrow(`the JWK lacks the member ${name}`);
    }
    for (const name of present) expect(() => importAny({ ...jwk, [name]: 1 }), name).toThrow(TypeError);
  });

  test("is refused with members of another type of key", () => {
    const foreign = {
      k: "AAAA",
      n: "AAAA",
      e: "AQAB",
      crv: "P-256",
      x: "AAAA",
      y: "AAAA",
      pub: "AAAA",
      priv: "AAAA",
      d: "AAAA",
      p: "AAAA",
    };
    for (const [name, value] of Object.entries(foreign)) {
      if (name in jwk) continue;
      expect(() => importAny({ ...publicHalf(jwk), [name]: value }), name).toThrow(TypeError);
      expect(() => importAny({ ...jwk, [name]: value }), name).toThrow(
        `the JWK has a member ${name} that belongs to another type of key`,
      );
    }
  });

  test("is refused unless each member is canonical base64url (RFC 7518 §6)", () => {
    for (const name of ["n", "e", "x", "y", "d", "p", "pub", "priv"].filter((member) => member in jwk)) {
      const value = String(jwk[name]);
      for (const text of [
        `${value}=`,
        `${value} `,
        ` ${value}`,
        `${value.slice(0, -1)}+`,
        "",
        `${value}A`,
        `AAAA${value}`,
      ]) {
        expect(() => importAny({ ...jwk, [name]: text }), `${name}: ${text}`).toThrow(TypeError);
      }
    }
  });

  test("is refused if its private members belong to another key", async () => {
    const other: Members = { ...exportPrivateJwk(await generateKey(importAny(jwk).algorithm)) };
    for (const name of privateMembers.filter((member) => member in jwk)) {
      expect(() => importAny({ ...jwk, [name]: other[name] }), name).toThrow(TypeError);
    }
    const swapped = Object.fromEntries(
      privateMembers.filter((name) => name in jwk).map((name) => [name, other[name]]),
    );
    expect(() => importAny({ ...jwk, ...swapped })).toThrow(TypeError);
  });

  test("is refused under another kty", () => {
    for (const kty of ["oct", "RSA", "EC", "OKP", "AKP", "rsa", "", undefined, 7]) {
      if (kty !== jwk["kty"]) expect(() => importAny({ ...jwk, kty }), String(kty)).toThrow(TypeError);
    }
  });
});

describe("the algorithm of a JWK", () => {
  test("is its alg, or the caller's word", () => {
    expect(importAny(without(ec, "alg"), { algorithm: "ES256" }).algorithm).toBe("ES256");
    expect(importAny(ec, { algorithm: "ES256" }).algorithm).toBe("ES256");
    expect(importAny(without(oct, "alg"), { algorithm: "HS256" }).algorithm).toBe("HS256");
    expect(importAny(without(rsa, "alg"), { algorithm: "PS512" }).algorithm).toBe("PS512");
  });

  test("is never guessed (RFC 8725 §3.1)", () => {
    for (const jwk of [rsa, ec, ed, oct]) {
      expect(() => importAny(without(jwk, "alg"))).toThrow("the JWK has no alg: name the algorithm");
    }
  });

  test("must be one where both are there", () => {
    expect(() => importAny(rsa, { algorithm: "PS256" })).toThrow("the JWK is for another algorithm");
    expect(() => importAny(ec, { algorithm: "HS256" })).toThrow("the JWK is for another algorithm");
  });

  test("must be known, exactly as it is written", () => {
    for (const alg of [
      "none",
      "es256",
      "ES256 ",
      "RS1",
      "RSA-OAEP",
      "ES521",
      "__proto__",
      7,
      null,
      ["ES256"],
    ]) {
      expect(() => importAny({ ...ec, alg }), String(alg)).toThrow("unknown signature algorithm");
    }
  });

  test("may be called EdDSA for Ed25519 (RFC 9864 §4.1.2)", () => {
    expect(importAny({ ...ed, alg: "EdDSA" }).algorithm).toBe("Ed25519");
    expect(importAny({ ...ed, alg: "EdDSA" }, { algorithm: "Ed25519" }).algorithm).toBe("Ed25519");
    const ed448 = crypto.generateKeyPairSync("ed448").publicKey.export({ format: "jwk" });
    expect(() => importAny({ ...ed448, alg: "EdDSA" })).toThrow("a key for Ed25519 is on Ed25519");
  });

  test("of an AKP key must stand in it (RFC 9964)", () => {
    expect(() => importAny(without(lattice, "alg"), { algorithm: "ML-DSA-44" })).toThrow(
      "an AKP key has an alg",
    );
    expect(() => importAny({ ...lattice, alg: "ML-DSA-65" })).toThrow("must have 1952 bytes");
  });
});

describe("the curve of a JWK (RFC 7518 §3.4)", () => {
  test.each([
    ["ES256", "P-384"],
    ["ES256", "secp256k1"],
    ["ES384", "P-256"],
    ["ES512", "P-384"],
  ])("%s takes no key on %s", (alg, namedCurve) => {
    const jwk = crypto.generateKeyPairSync("ec", { namedCurve }).publicKey.export({ format: "jwk" });
    expect(() => importAny({ ...jwk, alg })).toThrow(`a key for ${alg} is on P-`);
  });

  test("must be named: the right point under another name is refused", () => {
    expect(() => importAny({ ...publicHalf(ec), crv: "P-384" })).toThrow("is on P-256");
    expect(() => importAny({ ...publicHalf(ec), crv: "p-256" })).toThrow("is on P-256");
    expect(() => importAny({ ...publicHalf(ed), crv: "X25519" })).toThrow("is on Ed25519");
  });

  test("must have the point on it (RFC 8725 §3.4)", () => {
    const other = crypto
      .generateKeyPairSync("ec", { namedCurve: "P-256" })
      .publicKey.export({ format: "jwk" });
    const zero = Buffer.alloc(32).toString("base64url");
    expect(() => importAny({ ...publicHalf(ec), y: other.y })).toThrow("not a key for ES256");
    expect(() => importAny({ ...publicHalf(ec), x: zero, y: zero })).toThrow("not a key for ES256");
  });

  test("gives coordinates their length, leading zeros and all (RFC 7518 §6.2.1.2)", () => {
    const shorter = Buffer.from(String(ec["x"]), "base64url").subarray(1).toString("base64url");
    const longer = Buffer.concat([Buffer.alloc(1), Buffer.from(String(ec["x"]), "base64url")]).toString(
      "base64url",
    );
    for (const x of [shorter, longer]) expect(() => importAny({ ...ec, x })).toThrow("x must have 32 bytes");
    for (const d of [shorter, longer]) expect(() => importAny({ ...ec, d })).toThrow("d must have 32 bytes");
    for (const y of [shorter, longer]) expect(() => importAny({ ...ec, y })).toThrow("y must have 32 bytes");
    for (const x of [shorter, longer]) expect(() => importAny({ ...ed, x })).toThrow("x must have 32 bytes");
    for (const priv of [shorter, longer])
      expect(() => importAny({ ...lattice, priv })).toThrow("priv must have 32 bytes");
  });

  test("a d that is no private key is refused", () => {
    const zero = Buffer.alloc(32).toString("base64url");
    expect(() => importAny({ ...ec, d: zero })).toThrow(TypeError);
  });
});

test("a private key with which a runtime refuses to sign is refused as what it is", () => {
  const sign = vi.spyOn(crypto, "sign").mockImplementation(() => {
    throw new Error("invalid private key");
  });
  try {
    expect(() => importAny(ec)).toThrow(
      new TypeError("the private members of the JWK do not belong to its public members"),
    );
  } finally {
    sign.mockRestore();
  }
});

describe("an RSA JWK", () => {
  test("has numbers without leading zeros (RFC 7518 §2)", () => {
    for (const name of ["n", "e", "d", "p", "q", "dp", "dq", "qi"]) {
      const padded = Buffer.concat([Buffer.alloc(1), Buffer.from(String(rsa[name]), "base64url")]);
      expect(() => importAny({ ...rsa, [name]: padded.toString("base64url") }), name).toThrow(
        `the JWK member ${name} must be a positive number without leading zeros`,
      );
    }
  });

  test("RFC 7518 §6.3.1.1: a public modulus may have one zero octet before it, which is no part of the key", () => {
    const { kty, n, e, alg, kid } = rsa;
    const padded = (zeros: number): string =>
      Buffer.concat([Buffer.alloc(zeros), Buffer.from(String(n), "base64url")]).toString("base64url");
    const publicJwk = { kty, e, alg, kid };
    expect(exportPublicJwk(importAny({ ...publicJwk, n: padded(1) }))).toEqual(
      exportPublicJwk(importAny({ ...publicJwk, n })),
    );
    for (const bad of [padded(2), "AA", "A", "", 7]) {
      expect(() => importAny({ ...publicJwk, n: bad })).toThrow(TypeError);
    }
  });

  test("has private numbers that belong together (RFC 8017 §3.2)", async () => {
    const other: Members = { ...exportPrivateJwk(await generateKey("RS256")) };
    for (const name of ["d", "p", "q", "dp", "dq", "qi"]) {
      expect(() => importAny({ ...rsa, [name]: other[name] }), name).toThrow(
        new TypeError("the private numbers of the RSA key do not belong together"),
      );
    }
    const one = "AQ";
    for (const members of [
      { ...other, n: rsa["n"], e: rsa["e"] },
      { ...rsa, p: one, q: rsa["n"] },
      { ...rsa, p: rsa["n"], q: one },
    ]) {
      expect(() => importAny(members)).toThrow(
        new TypeError("the private numbers of the RSA key do not belong together"),
      );
    }
  });

  test("has two primes", () => {
    expect(() => importAny({ ...rsa, oth: [{}] })).toThrow("more than two primes");
  });

  test("has a sound modulus", () => {
    const { n, e } = crypto
      .generateKeyPairSync("rsa", { modulusLength: 1024 })
      .publicKey.export({ format: "jwk" });
    expect(() => importAny({ kty: "RSA", alg: "RS256", n, e })).toThrow("at least 2048 bits");
  });
});

describe("a symmetric JWK", () => {
  test("comes out as it went in", () => {
    expect(exportPrivateJwk(importAny(oct))).toEqual({ ...oct, use: "sig" });
  });

  test("is as long as the hash at least (RFC 7518 §3.2)", () => {
    expect(() => importAny({ ...oct, alg: "HS384" })).toThrow("at least 48 bytes");
    expect(() => importAny({ ...oct, k: "" })).toThrow("at least 32 bytes");
  });

  test("has one canonical text", () => {
    expect(() => importAny({ ...oct, k: `${oct.k}=` })).toThrow("k is not canonical base64url");
  });
});

describe("use and key_ops (RFC 7517 §4.2, §4.3)", () => {
  test("may be absent, or say that the key is for signatures", () => {
    expect(importAny(without(ec, "use")).canSign).toBe(true);
    expect(importAny({ ...ec, key_ops: ["sign"] }).canSign).toBe(true);
    expect(importAny({ ...ec, key_ops: ["verify", "sign"] }).canSign).toBe(true);
    expect(importAny({ ...publicHalf(ec), key_ops: ["verify"] }).canSign).toBe(false);
    expect(importAny({ ...oct, key_ops: ["sign", "verify"] }).canSign).toBe(true);
  });

  test("refuse a key that is for something else", () => {
    for (const use of ["enc", "SIG", "", null, 7]) {
      expect(() => importAny({ ...ec, use }), String(use)).toThrow("not meant for signatures");
    }
    for (const key_ops of [
      [],
      ["verify"],
      ["encrypt"],
      ["sign", "encrypt"],
      ["Sign"],
      ["sign, verify"],
      [7],
    ]) {
      expect(() => importAny({ ...ec, key_ops }), String(key_ops)).toThrow("key_ops do not fit");
    }
    for (const key_ops of [["sign"], ["verify", "wrapKey"]]) {
      expect(() => importAny({ ...publicHalf(ec), key_ops }), String(key_ops)).toThrow("key_ops do not fit");
      expect(() => importAny({ ...oct, key_ops }), String(key_ops)).toThrow("key_ops do not fit");
    }
  });

  test("are lists without duplicates", () => {
    for (const key_ops of ["sign", { 0: "sign" }, ["sign", "sign"], null, 7]) {
      expect(() => importAny({ ...ec, key_ops })).toThrow("an array without duplicates");
    }
  });
});

describe("importing a JWK", () => {
  test("takes only objects", () => {
    for (const value of [null, undefined, "{}", 7, [ec]]) {
      expect(() => importJwk(value as unknown as Jwk)).toThrow("a JWK is an object");
    }
  });

  test("takes only strings for kid (RFC 7517 §4.5)", () => {
    for (const kid of [7, null, ["e"], {}])
      expect(() => importAny({ ...ec, kid })).toThrow("the kid of a JWK is a string");
    expect(importAny({ ...ec, kid: "" }).kid).toBe("");
    expect(() => importAny({ ...ec, kid: "\ud800" })).toThrow("kid must be");
    expect(importAny(without(ec, "kid")).kid).toBeUndefined();
  });

  test("reads each member once, and only members of its own", () => {
    const reads: string[] = [];
    const members = { ...publicHalf(ec) };
    const watched = new Proxy(members, {
      get: (target, name, receiver) => {
        if (typeof name === "string") reads.push(name);
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    expect(importAny(watched).algorithm).toBe("ES256");
    expect(new Set(reads).size).toBe(reads.length);
    expect(() => importAny(Object.create(publicHalf(ec)) as Members)).toThrow(TypeError);
  });

  test("ignores members that it does not know", () => {
    expect(importAny({ ...ec, x5c: ["AAAA"], ext: true, iat: 7 }).algorithm).toBe("ES256");
  });

  test("says nothing of the key in its refusals", () => {
    for (const [name, value] of Object.entries(rsa)) {
      for (const change of [{ [name]: `${String(value)}=` }, { [name]: undefined }]) {
        try {
          importAny({ ...rsa, ...change });
        } catch (error) {
          const text = `${String(error)} ${String((error as Error).cause)}`;
          for (const secret of ["n", "d", "p", "q", "dp", "dq", "qi"]) {
            expect(text).not.toContain(String(rsa[secret]).slice(0, 16));
          }
        }
      }
    }
  });
});

describe("exporting", () => {
  test("a secret has no public half and a public key no private one", () => {
    expect(() => exportPublicJwk(secretKey("HS256", secretBytes()))).toThrow("a secret has no public half");
    expect(() => exportPrivateJwk(publicKey(importAny(ec)))).toThrow("a public key has no private half");
  });

  test("leaves kid out where there is none", () => {
    expect(exportPublicJwk(importAny(without(ec, "kid")))).toStrictEqual(without(publicHalf(ec), "kid"));
  });
});
