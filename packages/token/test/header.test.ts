/** What a token's form and header must be, before any key is tried. */
import { describe, expect, test } from "vitest";
import {
  createVerifier,
  keySet,
  secretKey,
  TokenError,
  type Verifier,
  type VerifierOptions,
} from "../src/index.ts";
import { forge, secretBytes, segmentOf } from "./fixtures.ts";

function verifierWith(changes: Partial<VerifierOptions> = {}): Verifier {
  const keys = keySet([secretKey("HS256", secretBytes())]);
  return createVerifier({ keys, type: null, issuer: null, audience: null, expiry: "optional", ...changes });
}

const claims = { sub: "42" };
const token = forge({ alg: "HS256" }, claims);

/** What a verifier says that has not seen the token's header before, and what one says that has. */
function verdictOf(text: string, changes: Partial<VerifierOptions> = {}): string {
  const fresh = outcomeOf(verifierWith(changes), text);
  const verify = verifierWith(changes);
  outcomeOf(verify, token);
  expect(outcomeOf(verify, text), "once a header is known").toBe(fresh);
  return fresh;
}

function outcomeOf(verify: (text: string) => unknown, text: string): string {
  try {
    return JSON.stringify(verify(text));
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
}

const accepted = JSON.stringify(claims);

describe("TV-04 a token", () => {
  const [header = "", payload = "", signature = ""] = token.split(".");

  test("has exactly three parts (RFC 7515 §7.1, RFC 7519 §7.2)", () => {
    expect(verdictOf(token)).toBe(accepted);
    for (const text of [
      "",
      ".",
      "..",
      header,
      `${header}.`,
      `${header}.${payload}`,
      `${header}${payload}.${signature}`,
      `${header}.${payload}A${signature}`,
      `${header}.${signature}`,
      `${token}.`,
      `.${token}`,
      `${header}..${payload}.${signature}`,
      `${header}.${payload}.${signature}.${signature}`,
      `${header}.${payload}.${signature}.${signature}.${signature}`,
    ]) {
      expect(verdictOf(text), text).toBe("malformed");
    }
  });

  test("has a signature that holds, and nothing behind it", () => {
    const { length } = signature;
    for (const other of [
      "",
      "A",
      signature.slice(1),
      signature.slice(0, -1),
      `${signature}A`,
      `${signature}=`,
      `A${signature}`,
      signature.toLowerCase(),
      "A".repeat(length),
      "\u0141".repeat(length),
    ]) {
      expect(verdictOf(`${header}.${payload}.${other}`), other).toBe("bad_signature");
    }
  });

  test("has a signature over its own header and payload", () => {
    const [, other = ""] = forge({ alg: "HS256" }, { sub: "43" }).split(".");
    expect(verdictOf(`${header}.${other}.${signature}`)).toBe("bad_signature");
    expect(verdictOf(`${header}..${signature}`)).toBe("bad_signature");
    const longer = segmentOf({ alg: "HS256", typ: "JWT" });
    expect(verdictOf(`${longer}.${payload}.${signature}`)).toBe("bad_signature");
    expect(verdictOf(`${header}.\u00e9${payload}.${signature}`)).toBe("bad_signature");
  });

  test("is read only once its signature holds: a bad payload is no reason before", () => {
    expect(verdictOf(`${header}.${segmentOf("{")}.${signature}`)).toBe("bad_signature");
    expect(verdictOf(forge({ alg: "HS256" }, "{"))).toBe("malformed");
  });
});

describe("TV-05 the segments of a token", () => {
  test("are canonical base64url of strict JSON objects", () => {
    for (const json of [
      "",
      "{",
      "[]",
      "null",
      '"{}"',
      "7",
      '{"a":1,"a":2}',
      '{"a":"\\ud800"}',
      "\ufeff{}",
      "{}{}",
    ]) {
      expect(verdictOf(forge({ alg: "HS256" }, json)), `payload ${json}`).toBe("malformed");
      expect(verdictOf(forge(json, claims)), `header ${json}`).toBe("malformed");
    }
    const notUtf8 = Buffer.from('{"alg":"HS256","x":"\xff"}', "latin1");
    expect(verdictOf(forge(notUtf8, claims))).toBe("malformed");
    expect(verdictOf(forge({ alg: "HS256" }, notUtf8))).toBe("malformed");
  });

  test("have no other text for the same bytes", () => {
    const spaced = '{"alg":"HS256" }';
    const [header = ""] = forge(spaced, claims).split(".");
    expect(header).toMatch(/Q$/);
    for (const text of [
      `${header.slice(0, -1)}R`,
      `${header}=`,
      `${header}==`,
      `${header} `,
      `\n${header}`,
    ]) {
      expect(verdictOf(`${text}.${segmentOf(claims)}.AAAA`), JSON.stringify(text)).toBe("malformed");
    }
    // U+012B, which Node's decoder takes for "+".
    expect(verdictOf(`${header.slice(0, -4)}\u012b${header.slice(-3)}.${segmentOf(claims)}.AAAA`)).toBe(
      "malformed",
    );
  });

  test("may be long, and after a long one a short one is read as it is", () => {
    const verify = verifierWith({ maxTokenLength: 100_000 });
    const long = { text: "x".repeat(20_000) };
    expect(verify(forge({ alg: "HS256" }, long))).toEqual(long);
    expect(verify(token)).toEqual(claims);
    expect(verify(forge({ alg: "HS256", long: long.text }, claims))).toEqual(claims);
  });
});

describe("a header", () => {
  const verdictOn = (header: unknown, changes: Partial<VerifierOptions> = {}): string =>
    verdictOf(forge(header, claims), changes);

  test("TV-01: names its key's algorithm exactly (RFC 7515 §4.1.1)", () => {
    expect(verdictOn({ alg: "HS256" })).toBe(accepted);
    for (const alg of [
      "none",
      "None",
      "",
      "hs256",
      "HS256 ",
      "HS384",
      "RS256",
      undefined,
      null,
      7,
      ["HS256"],
      {},
    ]) {
      expect(verdictOn({ alg }), JSON.stringify(alg)).toBe("algorithm_not_allowed");
    }
    expect(verdictOn('{"__proto__":{"alg":"HS256"}}')).toBe("algorithm_not_allowed");
  });

  test("without alg is refused for that, whatever else it lacks or has", () => {
    expect(verdictOn({ crit: ["exp"], kid: 7, typ: 7, cty: "JWT" })).toBe("algorithm_not_allowed");
  });

  test.each(["crit", "b64", "zip"])(
    "TV-04: does not carry %s, whatever is in it (RFC 7515 §4.1.11)",
    (name) => {
      for (const value of [null, true, false, [], ["exp"], "DEF", {}]) {
        expect(verdictOn({ alg: "HS256", [name]: value }), JSON.stringify(value)).toBe("critical_header");
      }
    },
  );

  test("has texts for kid and typ, where they are", () => {
    for (const value of [null, 7, ["k"], {}, true]) {
      expect(verdictOn({ alg: "HS256", kid: value })).toBe("malformed");
      expect(verdictOn({ alg: "HS256", typ: value })).toBe("malformed");
    }
    expect(verdictOn({ alg: "HS256", kid: "", typ: "" })).toBe(accepted);
  });

  test("TV-03: may carry keys, which are of no use (RFC 8725 §3.10)", () => {
    const carried = { jwk: { kty: "oct", k: "AAAA" }, jku: "https://example.com", x5u: "x", x5c: ["x"] };
    expect(verdictOn({ alg: "HS256", ...carried })).toBe(accepted);
  });

  test("TV-06: names the expected type as a media type (RFC 7515 §4.1.9)", () => {
    const type = "at+jwt";
    for (const typ of ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"]) {
      expect(verdictOn({ alg: "HS256", typ }, { type }), typ).toBe(accepted);
      expect(verdictOn({ alg: "HS256", typ: "at+jwt" }, { type: typ }), typ).toBe(accepted);
    }
    for (const typ of [
      undefined,
      "",
      "jwt",
      "at+jwt ",
      "text/at+jwt",
      "application/application/at+jwt",
      "xapplication/at+jwt",
    ]) {
      expect(verdictOn({ alg: "HS256", typ }, { type }), typ).toBe("wrong_type");
    }
    // With another slash it is no short name (RFC 7515 §4.1.9).
    expect(verdictOn({ alg: "HS256", typ: "a/b" }, { type: "application/a/b" })).toBe("wrong_type");
    expect(verdictOn({ alg: "HS256", typ: "application/a/b" }, { type: "application/a/b" })).toBe(accepted);
  });

  test("TV-06: says nothing of a nested token (RFC 7519 §5.2)", () => {
    for (const cty of ["JWT", "jwt", "application/jwt", null, 7, ["x"]]) {
      expect(verdictOn({ alg: "HS256", cty }), JSON.stringify(cty)).toBe("wrong_type");
    }
    expect(verdictOn({ alg: "HS256", cty: "json" })).toBe(accepted);
  });

  test("that has verified is known again, also when many others have", () => {
    const verify = verifierWith();
    const tokens = Array.from({ length: 40 }, (_, number) => forge({ alg: "HS256", number }, claims));
    for (const text of [...tokens, ...tokens.toReversed()]) expect(verify(text)).toEqual(claims);
    for (const text of tokens) expect(outcomeOf(verify, text.replace(/.{4}$/, "AAAA"))).toBe("bad_signature");
  });

  test("is not known by its beginning", () => {
    const verify = verifierWith();
    expect(verify(token)).toEqual(claims);
    const [header = "", payload = "", signature = ""] = token.split(".");
    expect(outcomeOf(verify, `${header.slice(0, -1)}.${payload}.${signature}`)).toBe("malformed");
    expect(outcomeOf(verify, `${header}A.${payload}.${signature}`)).toBe("malformed");
    expect(outcomeOf(verify, `${header}.${payload}`)).toBe("malformed");
  });
});
