import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  createSigner,
  createVerifier,
  generateKey,
  type KeySet,
  keySet,
  secretKey,
  type TokenErrorCode,
  type Verifier,
  type VerifierOptions,
} from "../src/index.ts";
import { forge, secretBytes } from "./fixtures.ts";

const now = 1_700_000_000;
const options = { type: "at+jwt", issuer: "https://issuer.example", audience: "api" } as const;
const claims = { iss: options.issuer, aud: "api", sub: "42", iat: now, exp: now + 60 };
const header = { alg: "HS256", typ: "at+jwt" };
const token = forge(header, claims);

const makeKeys = (kid?: string): KeySet => keySet([secretKey("HS256", secretBytes(), { kid })]);

/** A verifier that is told what a program without types may tell it. */
function verifierWith(changes: object = {}): Verifier {
  const told: VerifierOptions = { keys: makeKeys(), ...options, now: () => now, ...changes };
  return createVerifier(told);
}

/** What a verifier says: nothing, or its reason and the claim at fault. */
function refusalOf(verify: (token: string) => unknown, text: string = token): string {
  try {
    verify(text);
    return "none";
  } catch (error) {
    const { name, code, claim } = error as { name: string; code: TokenErrorCode; claim?: string };
    if (name !== "TokenError") throw error;
    return claim === undefined ? code : `${code} ${claim}`;
  }
}

describe("a verifier", () => {
  test("gives the claims of a token that holds", () => {
    const verified = verifierWith()(token);
    expect(verified).toEqual(claims);
    expect(Object.isFrozen(verified)).toBe(false);
  });

  test("TV-05: refuses what is no string, and what is longer than allowed, unread", () => {
    const verify = verifierWith({ maxTokenLength: token.length });
    expect(refusalOf(verify)).toBe("none");
    expect(refusalOf(verify, `${token}A`)).toBe("too_large");
    for (const value of [undefined, null, 7, [token], { toString: () => token }]) {
      expect(refusalOf(() => verify(value as string))).toBe("malformed");
    }
  });

  test("TV-05: takes 8,192 characters where nothing else is said", () => {
    const filled = (length: number): string => forge(header, { ...claims, fill: "x".repeat(length) });
    const room = Math.floor(((8192 - filled(0).length) * 3) / 4);
    const verify = verifierWith();
    expect(filled(room).length).toBe(8192);
    expect(refusalOf(verify, filled(room))).toBe("none");
    expect(refusalOf(verify, filled(room + 1))).toBe("too_large");
  });

  test("reads the system's clock where it is given none", () => {
    const seconds = Math.floor(Date.now() / 1000);
    const verify = verifierWith({ now: undefined });
    const living = (iat: number, exp: number): string => forge(header, { ...claims, iat, exp });
    expect(refusalOf(verify, living(seconds, seconds + 60))).toBe("none");
    expect(refusalOf(verify, living(seconds - 60, seconds))).toBe("expired exp");
    expect(refusalOf(verify, living(seconds + 60, seconds + 120))).toBe("not_yet_valid iat");
  });

  test("RFC 7519 §4.1.5: a time with parts of a second is compared to a clock that is not rounded", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: now * 1000 + 999 });
    onTestFinished(() => void vi.useRealTimers());
    const verify = verifierWith({ now: undefined });
    expect(refusalOf(verify, forge(header, { ...claims, iat: now + 0.749, nbf: now + 0.749 }))).toBe("none");
    expect(refusalOf(verify, forge(header, { ...claims, nbf: now + 0.9991 }))).toBe("not_yet_valid nbf");
    expect(refusalOf(verify, forge(header, { ...claims, exp: now + 0.999 }))).toBe("expired exp");
    expect(refusalOf(verify, forge(header, { ...claims, exp: now + 1 }))).toBe("none");
  });

  test("asks its clock for every token", () => {
    let second = now;
    const verify = verifierWith({ now: () => second });
    expect(refusalOf(verify)).toBe("none");
    second = now + 60;
    expect(refusalOf(verify)).toBe("expired exp");
  });

  test("TV-01: asks for the keys of the moment, and forgets with them what it knew", () => {
    const other = keySet([secretKey("HS256", secretBytes(2))]);
    let current = makeKeys();
    const verify = verifierWith({ keys: () => current, rememberTokens: 10 });
    for (let time = 0; time < 3; time += 1) expect(refusalOf(verify)).toBe("none");
    current = other;
    expect(refusalOf(verify)).toBe("bad_signature");
    current = makeKeys();
    expect(refusalOf(verify)).toBe("none");
  });

  test("knows nobody's keys but those that it was given", async () => {
    const pair = await generateKey("Ed25519");
    const verify = verifierWith({ keys: keySet([pair]) });
    expect(refusalOf(verify)).toBe("algorithm_not_allowed");
    expect(refusalOf(verify, createSigner({ ...signing, key: pair })({ iat: now }))).toBe("none");
  });
});

const signing = {
  type: "at+jwt",
  issuer: options.issuer,
  audience: "api",
  lifetimeSeconds: 60,
} as const;

describe("TV-07 the time of a token (RFC 7519 §4.1.4, §4.1.5)", () => {
  test.each([
    ["expires at exp itself", { exp: now }, 0, "expired exp"],
    ["lives one second before exp", { exp: now + 1 }, 0, "none"],
    ["outlives exp by less than the tolerance", { exp: now - 9 }, 10, "none"],
    ["expires when the tolerance is over", { exp: now - 10 }, 10, "expired exp"],
    ["begins at nbf", { nbf: now }, 0, "none"],
    ["does not begin before nbf", { nbf: now + 1 }, 0, "not_yet_valid nbf"],
    ["begins earlier than nbf by the tolerance", { nbf: now + 10 }, 10, "none"],
    ["does not begin before the tolerance", { nbf: now + 11 }, 10, "not_yet_valid nbf"],
    ["is not issued in the future", { iat: now + 1 }, 0, "not_yet_valid iat"],
    ["is issued in the future by the tolerance at most", { iat: now + 10 }, 10, "none"],
    ["is not issued in the future beyond the tolerance", { iat: now + 11 }, 10, "not_yet_valid iat"],
    ["may have fractions of seconds", { exp: now + 0.5, nbf: now - 0.5 }, 0, "none"],
  ])("%s", (_name, times, clockToleranceSeconds, expected) => {
    const verify = verifierWith({ clockToleranceSeconds });
    expect(refusalOf(verify, forge(header, { ...claims, ...times }))).toBe(expected);
  });

  test("is over for a clock that gives no number", () => {
    for (const time of [{ exp: now + 60 }, { nbf: 0 }, { iat: 0 }]) {
      const verify = verifierWith({ expiry: "optional", now: () => Number.NaN });
      const bare = { iss: claims.iss, aud: claims.aud };
      expect(refusalOf(verify, forge(header, { ...bare, ...time }))).toMatch(/^(?:expired|not_yet_valid) /);
      expect(refusalOf(verify, forge(header, bare))).toBe("none");
    }
  });
});

describe("TV-07 the claims of a token", () => {
  test.each([
    ["exp", { exp: undefined }, "claim_missing exp"],
    ["iss", { iss: undefined }, "claim_missing iss"],
    ["aud", { aud: undefined }, "claim_missing aud"],
    ["none but those", { sub: undefined, iat: undefined }, "none"],
  ])("must include %s", (_name, changes, expected) => {
    expect(refusalOf(verifierWith(), forge(header, { ...claims, ...changes }))).toBe(expected);
  });

  test("need no exp, iss or aud where the verifier was told so", () => {
    const told = { issuer: null, audience: null, expiry: "optional" } as const;
    expect(refusalOf(verifierWith({ ...told }), forge(header, {}))).toBe("none");
    const required = { ...told, expiry: "required" } as const;
    expect(refusalOf(verifierWith({ ...required }), forge(header, {}))).toBe("claim_missing exp");
  });

  test("must include those that are required, in a member of their own", () => {
    const verify = verifierWith({ requiredClaims: ["sub", "toString"] });
    expect(refusalOf(verify)).toBe("claim_missing toString");
    expect(refusalOf(verify, forge(header, { ...claims, toString: null }))).toBe("none");
    expect(refusalOf(verify, forge(header, { ...claims, sub: undefined, toString: 1 }))).toBe(
      "claim_missing sub",
    );
    const optional = verifierWith({ requiredClaims: ["sub"], expiry: "optional" });
    expect(refusalOf(optional, forge(header, { ...claims, exp: undefined }))).toBe("none");
    expect(refusalOf(optional, forge(header, { ...claims, sub: undefined }))).toBe("claim_missing sub");
  });

  test.each([
    ["exp", ["9", null, true, -1, 253_402_300_800], [253_402_300_799]],
    ["iat", ["9", null, {}, -1, 253_402_300_800], [0, now]],
    ["nbf", ["9", null, [], -1, 253_402_300_800], [0, now]],
    ["sub", [42, null, ["42"], {}], ["", "42"]],
    ["jti", [42, null, ["42"], false], ["", "j"]],
    ["iss", [42, null, [options.issuer], {}], [options.issuer]],
    ["aud", [42, null, { 0: "api" }, [42], ["api", null]], ["api", ["other", "api"]]],
  ])("TV-07: have %s of the right type and range (RFC 7519 §4.1)", (name, wrong, right) => {
    const verify = verifierWith();
    for (const value of wrong) {
      expect(refusalOf(verify, forge(header, { ...claims, [name]: value })), JSON.stringify(value)).toBe(
        `claim_invalid ${name}`,
      );
    }
    for (const value of right) {
      expect(refusalOf(verify, forge(header, { ...claims, [name]: value })), JSON.stringify(value)).toBe(
        "none",
      );
    }
  });

  test("have no number beyond all numbers", () => {
    const text = JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e400');
    expect(refusalOf(verifierWith(), forge(header, text))).toBe("claim_invalid exp");
  });

  test("name the issuer exactly (RFC 7519 §4.1.1)", () => {
    for (const iss of [`${options.issuer}/`, options.issuer.toUpperCase(), "", "https://other.example"]) {
      expect(refusalOf(verifierWith(), forge(header, { ...claims, iss }))).toBe("wrong_issuer iss");
    }
    expect(refusalOf(verifierWith({ issuer: null }), forge(header, { ...claims, iss: "x" }))).toBe("none");
  });

  test("name one of the audiences (RFC 7519 §4.1.3)", () => {
    for (const audience of ["api", ["api"], ["web", "api"]]) {
      const verify = verifierWith({ audience });
      for (const aud of ["api", ["api"], ["x", "api"]]) {
        expect(refusalOf(verify, forge(header, { ...claims, aud }))).toBe("none");
      }
      for (const aud of ["ap", "API", "", [], ["x"], ["x", "y"]]) {
        expect(refusalOf(verify, forge(header, { ...claims, aud })), String(aud)).toBe("wrong_audience aud");
      }
    }
    expect(refusalOf(verifierWith({ audience: null }), forge(header, { ...claims, aud: "x" }))).toBe("none");
  });
});

describe("a revoked token (TV-14)", () => {
  test("is refused; the judge sees its claims and the kid of its key", () => {
    const seen: unknown[] = [];
    const verifierThatIsTold = (verdict: boolean): Verifier =>
      verifierWith({
        keys: makeKeys("k"),
        isRevoked: (...parameters: unknown[]) => {
          seen.push(parameters);
          return verdict;
        },
      });
    expect(refusalOf(verifierThatIsTold(false))).toBe("none");
    expect(refusalOf(verifierThatIsTold(true))).toBe("revoked");
    expect(seen).toEqual([
      [claims, "k"],
      [claims, "k"],
    ]);
  });

  test("is every token for which the answer is not false", () => {
    for (const verdict of [undefined, null, 0, "", "false", Promise.resolve(false)]) {
      const verify = verifierWith({ isRevoked: () => verdict });
      expect(refusalOf(verify)).toBe("revoked");
    }
  });

  test("is asked for last: not if it has expired, nor before its claims are judged", () => {
    const isRevoked = (): boolean => {
      throw new RangeError("asked");
    };
    const verify = verifierWith({ isRevoked });
    expect(refusalOf(verify, forge(header, { ...claims, exp: now }))).toBe("expired exp");
    expect(refusalOf(verify, forge(header, { ...claims, iss: "x" }))).toBe("wrong_issuer iss");
    expect(refusalOf(verify, token.replace(/.{4}$/, "AAAA"))).toBe("bad_signature");
    expect(() => verify(token)).toThrow("asked");
  });
});

describe("a verifier that remembers (TV-09)", () => {
  test("gives the same frozen claims again, from the second time on", () => {
    const verify = verifierWith({ rememberTokens: 2 });
    const deep = forge(header, { ...claims, roles: [{ name: "user" }] });
    expect(verify(deep)).not.toBe(verify(deep));
    const verified = verify(deep) as { roles?: readonly object[] };
    expect(verify(deep)).toBe(verified);
    expect(verified).toEqual({ ...claims, roles: [{ name: "user" }] });
    for (const part of [verified, verified.roles, verified.roles?.[0]])
      expect(Object.isFrozen(part)).toBe(true);
  });

  test("without being asked remembers nothing", () => {
    for (const rememberTokens of [undefined, 0]) {
      const verify = verifierWith({ rememberTokens });
      const answers = [verify(token), verify(token), verify(token), verify(token)];
      expect(new Set(answers).size).toBe(4);
    }
  });

  test("judges time and revocation again, with the claims and the kid of the first time", () => {
    let second = now;
    let isRevoked = false;
    const seen: unknown[] = [];
    const verify = verifierWith({
      keys: makeKeys("k"),
      rememberTokens: 2,
      now: () => second,
      isRevoked: (...parameters: unknown[]) => {
        seen.push(parameters);
        return isRevoked;
      },
    });
    for (let time = 0; time < 3; time += 1) expect(refusalOf(verify)).toBe("none");
    isRevoked = true;
    expect(refusalOf(verify)).toBe("revoked");
    isRevoked = false;
    second = now + 60;
    expect(refusalOf(verify)).toBe("expired exp");
    second = now;
    expect(refusalOf(verify)).toBe("none");
    expect(seen).toEqual(Array.from({ length: 5 }, () => [claims, "k"]));
  });

  test("remembers no refusal", () => {
    let second = now + 60;
    const verify = verifierWith({ rememberTokens: 2, now: () => second });
    expect(refusalOf(verify)).toBe("expired exp");
    second = now;
    expect(refusalOf(verify)).toBe("none");
  });
});

describe("a verifier is not made", () => {
  test("TV-01: with an option that is not known", () => {
    expect(() => verifierWith({ algorithms: ["HS256"] })).toThrow(new TypeError("unknown option algorithms"));
  });

  test.each(["type", "issuer"])("TV-01: without %s, or null for any", (name) => {
    expect(() => verifierWith({ [name]: undefined })).toThrow(
      new TypeError(`${name} must be given: a string, or null for none`),
    );
    for (const value of ["", 7, [], /x/]) {
      expect(() => verifierWith({ [name]: value })).toThrow(
        new TypeError(`${name} must be a string that is not empty`),
      );
    }
    expect(() => verifierWith({ [name]: null })).not.toThrow();
  });

  test("TV-01: without an audience, or null for any", () => {
    for (const value of [undefined, "", 7, /x/, {}]) {
      expect(() => verifierWith({ audience: value }), JSON.stringify(value)).toThrow(
        new TypeError("audience must be a string that is not empty"),
      );
    }
    for (const value of [[""], [7], ["api", undefined], [/x/]]) {
      expect(() => verifierWith({ audience: value })).toThrow(
        new TypeError("audience must be strings that are not empty"),
      );
    }
    expect(() => verifierWith({ audience: [] })).toThrow(
      new TypeError("audience must not be an empty array"),
    );
  });

  test("TV-01: of keys that are no key set of this package", () => {
    const set = makeKeys();
    for (const value of [undefined, null, {}, [set], [...set.keys], { ...set }]) {
      expect(() => verifierWith({ keys: value })).toThrow(
        new TypeError("not a key set made by this package"),
      );
      expect(() => verifierWith({ keys: () => value })(token)).toThrow(
        new TypeError("not a key set made by this package"),
      );
    }
  });

  test("with required claims that are no list of names", () => {
    for (const value of ["sub", [""], [7], null, {}]) {
      expect(() => verifierWith({ requiredClaims: value })).toThrow(
        new TypeError("requiredClaims must be strings that are not empty"),
      );
    }
  });

  test("with an expiry that is neither required nor optional", () => {
    for (const value of ["", "Required", false, null]) {
      expect(() => verifierWith({ expiry: value })).toThrow(
        new TypeError('expiry is "required" or "optional"'),
      );
    }
  });

  test("with a tolerance that is not a number from 0 to 600", () => {
    for (const value of [-1, 600.5, Number.NaN, Number.POSITIVE_INFINITY, "5", [5]]) {
      expect(() => verifierWith({ clockToleranceSeconds: value }), JSON.stringify(value)).toThrow(
        new TypeError("clockToleranceSeconds must be a number from 0 to 600"),
      );
    }
    for (const value of [0, 0.5, 600]) {
      expect(() => verifierWith({ clockToleranceSeconds: value })).not.toThrow();
    }
  });

  test.each([
    ["maxTokenLength", 16, 16_777_216],
    ["rememberTokens", 0, 1_048_576],
  ])("with a %s that is not an integer from %i to %i", (name, least, most) => {
    for (const value of [least - 1, most + 1]) {
      expect(() => verifierWith({ [name]: value }), JSON.stringify(value)).toThrow(
        new TypeError(`${name} must be a number from ${least} to ${most}`),
      );
    }
    for (const value of [least + 0.5, Number.NaN, "64", [64]]) {
      expect(() => verifierWith({ [name]: value }), JSON.stringify(value)).toThrow(
        new TypeError(`${name} must be an integer`),
      );
    }
    for (const value of [least, most]) expect(() => verifierWith({ [name]: value })).not.toThrow();
  });

  test.each(["isRevoked", "transform", "now"])("with %s that is not a function", (name) => {
    for (const value of [true, 7, "", {}]) {
      expect(() => verifierWith({ [name]: value })).toThrow(new TypeError(`${name} must be a function`));
    }
  });
});
