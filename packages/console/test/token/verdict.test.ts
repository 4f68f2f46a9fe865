// The page judges with Web Crypto what the engine judges with node:crypto. They have to agree on every token.
import {
  type AlgorithmName,
  createSigner,
  createVerifier,
  exportPublicJwk,
  generateKey,
  importJwk,
  type Jwk,
  type Key,
  keySet,
  secretKey,
  TokenError,
} from "@countersign/token";
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encodeText } from "../../src/token/base64url.ts";
import { anything, type Expectation } from "../../src/token/claims.ts";
import { readKeys, type TrustedKey } from "../../src/token/keys.ts";
import { signWithThrowawayKey, type ThrowawayToken } from "../../src/token/signing.ts";
import { judge } from "../../src/token/verdict.ts";

const now = 1_800_000_000;
const issuer = "https://auth.example.com";
const audience = "https://api.example.com";
const claims = {
  sub: "an-account",
  roles: ["user"],
  iat: now - 60,
  exp: now + 540,
  iss: issuer,
  aud: [audience, "other"],
};

interface Pair {
  readonly key: Key;
  readonly trusted: readonly TrustedKey[];
}

async function pairFor(algorithm: AlgorithmName): Promise<Pair> {
  if (algorithm === "HS256") {
    const secret = randomBytes(32).toString("base64url");
    return { key: secretKey("HS256", Buffer.from(secret)), trusted: await trust("secret", secret) };
  }
  const key = await generateKey(algorithm);
  return { key, trusted: await trust("jwks", JSON.stringify({ keys: [exportPublicJwk(key)] })) };
}

async function trust(kind: "secret" | "jwks" | "jwk" | "pem", text: string): Promise<readonly TrustedKey[]> {
  const reading = await readKeys(kind, text);
  return "keys" in reading ? reading.keys : [];
}

function sign(key: Key, payload: object): string {
  return createSigner({
    key,
    type: "at+jwt",
    issuer: null,
    audience: null,
    lifetimeSeconds: null,
    now: () => now,
  })(payload);
}

function ofEngine(token: string, key: Key, expectation: Expectation): string {
  const { type, issuer, audience, required } = expectation;
  const verify = createVerifier({
    keys: keySet([key]),
    type,
    issuer,
    audience,
    requiredClaims: required,
    expiry: "optional",
    now: () => now,
  });
  try {
    verify(token);
    return "accepted";
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return error.code;
  }
}

async function ofPage(
  token: string,
  trusted: readonly TrustedKey[],
  expectation: Expectation,
): Promise<string> {
  const verdict = await judge(token, trusted, expectation, now);
  return verdict.outcome === "refused" ? verdict.reason : verdict.outcome;
}

const strict: Expectation = { type: "at+jwt", issuer, audience, required: ["sub"] };

function engineKey({ kind, key }: ThrowawayToken, algorithm: AlgorithmName): Key {
  return kind === "secret" && algorithm === "HS256"
    ? secretKey(algorithm, Buffer.from(key))
    : importJwk(JSON.parse(key) as Jwk, { algorithm });
}

/** Every way that this suite knows to spoil a token whose signature was right. */
const spoilt: Readonly<Record<string, (token: string) => string>> = {
  "as it is": (token) => token,
  "one letter of the payload": (token) => change(token, 1, (text) => text.replace('"user"', '"admin"')),
  "one letter of the header": (token) => change(token, 0, (text) => text.replace("at+jwt", "at+JWT")),
  "the type": (token) => change(token, 0, (text) => text.replace("at+jwt", "JWT")),
  none: (token) => change(token, 0, (text) => text.replace(/"alg":"\w+"/, '"alg":"none"')),
  "no algorithm": (token) => change(token, 0, (text) => text.replace(/"alg":"\w+",?/, "")),
  "an algorithm of no key": (token) =>
    change(token, 0, (text) => text.replace(/"alg":"\w+"/, '"alg":"ES384"')),
  "a number for a key's name": (token) =>
    change(token, 0, (text) => text.replace("{", '{"kid":1,').replace(/,"kid":"[^"]+"/, "")),
  "an extension": (token) => change(token, 0, (text) => text.replace("{", '{"crit":["b64"],')),
  "a nested token": (token) => change(token, 0, (text) => text.replace("{", '{"cty":"JWT",')),
  "a name twice": (token) => change(token, 0, (text) => text.replace("{", '{"typ":"at+jwt",')),
  "no signature": (token) => token.slice(0, token.lastIndexOf(".") + 1),
  "a signature cut short": (token) => token.slice(0, -4),
  padding: (token) => `${token}=`,
  "two parts": (token) => token.slice(0, token.lastIndexOf(".")),
  "four parts": (token) => `${token}.AAAA`,
  "a header that is no JSON": (token) => `AAAA${token.slice(token.indexOf("."))}`,
  "a space in front": (token) => ` ${token}`,
  nothing: () => "",
};

function change(token: string, part: 0 | 1, edit: (text: string) => string): string {
  const parts = token.split(".");
  parts[part] = encodeText(edit(Buffer.from(parts[part] ?? "", "base64url").toString()));
  return parts.join(".");
}

/** Claims that are wrong under a signature that is right. */
const payloads: Readonly<Record<string, object>> = {
  over: { ...claims, exp: now },
  "not yet": { ...claims, nbf: now + 1 },
  "from the future": { ...claims, iat: now + 1 },
  "a time that is a text": { ...claims, exp: "tomorrow" },
  "a time beyond all": { ...claims, exp: 1e15 },
  "an issuer that is a number": { ...claims, iss: 1 },
  "another issuer": { ...claims, iss: `${issuer}/` },
  "no issuer": { ...claims, iss: undefined },
  "another audience": { ...claims, aud: "https://other.example.com" },
  "no audience": { ...claims, aud: undefined },
  "an audience that is an object": { ...claims, aud: {} },
  nobody: { ...claims, sub: undefined },
};

describe.each(["HS256", "ES256", "ES512", "Ed25519", "RS256", "PS256"] as const)("%s", (algorithm) => {
  test("the page and the engine give every spoilt token the same reason", async () => {
    const { key, trusted } = await pairFor(algorithm);
    const token = sign(key, claims);
    expect(await ofPage(token, trusted, strict)).toBe("accepted");
    for (const [name, spoil] of Object.entries(spoilt)) {
      const spoiltToken = spoil(token);
      expect(await ofPage(spoiltToken, trusted, strict), name).toBe(ofEngine(spoiltToken, key, strict));
    }
  });

  test("the page and the engine give wrong claims the same reason", async () => {
    for (const [name, payload] of Object.entries(payloads)) {
      // The engine does not sign what makes no sense, so the page does.
      const signed = await signWithThrowawayKey(
        { alg: algorithm, typ: "at+jwt" },
        encodeText(JSON.stringify(payload)),
      );
      const reason = ofEngine(signed.token, engineKey(signed, algorithm), strict);
      expect(reason, name).not.toBe("accepted");
      expect(await ofPage(signed.token, await trust(signed.kind, signed.key), strict), name).toBe(reason);
    }
  });

  test("a throwaway key signs what the page then accepts, and no other key does", async () => {
    const { trusted } = await pairFor(algorithm);
    const signed = await signWithThrowawayKey(
      { alg: algorithm, kid: "gone" },
      encodeText(JSON.stringify(claims)),
    );
    expect(await ofPage(signed.token, await trust(signed.kind, signed.key), anything)).toBe("accepted");
    expect(await ofPage(signed.token, trusted, anything)).toBe("bad_signature");
  });
});

test("with a secret the page tells the signature that would fit", async () => {
  const { key, trusted } = await pairFor("HS256");
  const token = sign(key, claims);
  const verdict = await judge(`${token.slice(0, token.lastIndexOf("."))}.AAAA`, trusted, anything, now);
  expect(verdict).toMatchObject({ reason: "bad_signature", needs: token.slice(token.lastIndexOf(".") + 1) });
});

test("without a key nothing but the form is judged", async () => {
  const { key } = await pairFor("ES256");
  const token = sign(key, claims);
  expect(await ofPage(token, [], anything)).toBe("unchecked");
  expect(await ofPage(`${token}.`, [], anything)).toBe("malformed");
});
